import { expect, spyOn, test } from "bun:test";
import { NodeClock } from "../../test/support/fakes/node-clock.ts";
import { fromNowhere } from "../../test/support/net/from-nowhere.ts";
import { until } from "../../test/support/until.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";
import type { WebhookReceiver } from "../../test/support/webhook-receiver.ts";
import { ActivityFeed } from "../core/activity.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("a restart loses no written event and repeats no delivered one", async () => {
  let isDown = true;
  const receiver = await stage.start({}, { answer: () => statusAnswer(isDown ? 500 : 200) });
  for (let index = 0; index < 50; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  await stage.stopWebhooks();
  isDown = false;
  await stage.startWebhooks();
  await stage.arrive(receiver, 50, 500);
  await stage.clockPasses(10_000);
  expect(receiver.accepted).toHaveLength(50);
});

test("without webhooks the outbox is rarely read, and a new webhook is served immediately", async () => {
  await stage.startWebhooks();
  const looks = spyOn(stage.outbox, "webhooksWithPending");
  const leases = spyOn(stage.outbox, "lease");
  await stage.clockPasses(1_200_000, 1_000);
  expect([looks.mock.calls.length, leases.mock.calls.length]).toEqual([2, 2]);
  const receiver = await stage.addReceiver();
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  looks.mockClear();
  await stage.clockPasses(60_000);
  expect(looks.mock.calls.length).toBeGreaterThan(50);
});

test("without webhooks, deliveries that another process wrote for its new webhook are sent", async () => {
  await stage.startWebhooks();
  await stage.clockPasses(20_000);
  const receiver = await stage.addUnnoticed();
  const event = JSON.stringify({ name: "channel_occupied", channel: "room" });
  const written = {
    webhookId: "w1",
    type: "channel_occupied",
    revision: 1,
    channel: "room",
    event,
    cause: null,
  };
  await stage.outbox.write({
    deliveries: [{ ...written, id: "msg_1", createdAtMs: stage.clock.now(), returnOf: null }],
    returns: [],
    departures: [],
    departureDelayMs: 0,
  });
  expect(await stage.arrive(receiver, 1)).toEqual([{ name: "channel_occupied", channel: "room" }]);
});

const hourMs = 3_600_000;

/** How long this number of events takes, by the clock that was just set back. */
async function waitMs(receiver: WebhookReceiver, count: number): Promise<number> {
  const setBackAtMs = stage.clock.now();
  await stage.arrive(receiver, count, 1_000);
  return stage.clock.now() - setBackAtMs;
}

test("a clock that is set back an hour does not delay a retry by an hour", async () => {
  let failures = 6;
  const receiver = await stage.start({}, { answer: () => statusAnswer(failures-- > 0 ? 500 : 200) });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passUntil(
    "a pause",
    until("five failures", () => stage.webhooks.circuit("w1")?.isPaused === true),
    500,
  );
  stage.clock.setBack(hourMs);
  expect(await waitMs(receiver, 1)).toBeLessThan(hourMs / 4);
});

test("a retry planned by a process whose clock is an hour ahead is not delayed by an hour in the next process", async () => {
  let isDown = true;
  const receiver = await stage.start({}, { answer: () => statusAnswer(isDown ? 500 : 200) });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passUntil(
    "the first try",
    until("a failure", () => stage.webhooks.figures.failed === 1),
  );
  stage.activity.emit({ type: "channel_vacated", revision: 1, appId: "1", channel: "other" });
  await stage.stopWebhooks();
  isDown = false;
  stage.clock.setBack(hourMs);
  await stage.startWebhooks();
  expect(await waitMs(receiver, 2)).toBeLessThan(hourMs / 4);
});

function emit(data: string, activity = stage.activity): void {
  activity.emit({
    type: "client_event",
    appId: "1",
    channel: "private-a",
    data,
    userId: null,
    event: "client-x",
    socketId: "1.1",
    ...fromNowhere,
  });
}

test.each([{ isBatching: false }, { isBatching: true }])(
  "an event that waits for its next attempt is not overtaken after a restart (%j)",
  async (webhook) => {
    let isDown = true;
    const receiver = await stage.start(webhook, { answer: () => statusAnswer(isDown ? 503 : 200) });
    emit("1");
    await stage.passUntil(
      "three failures",
      until("three tries", () => receiver.requests.length >= 3),
      200,
    );
    await stage.clockPasses(100);
    await stage.stopWebhooks();
    isDown = false;
    await stage.startWebhooks();
    emit("2");
    const events = await stage.arrive(receiver, 2);
    expect(events.map(({ data }) => data)).toEqual(["1", "2"]);
  },
);

test("a webhook whose batching was switched keeps the order and the ids of tried events", async () => {
  let isDown = true;
  const receiver = await stage.start({}, { answer: () => statusAnswer(isDown ? 503 : 200) });
  const [webhook] = await stage.store.list();
  if (webhook === undefined) throw new Error("no webhook");
  emit("1");
  emit("2");
  await stage.passUntil("a try", receiver.inbox.next("a try"));
  await stage.store.save({ ...webhook, isBatching: true });
  await stage.webhooks.changed();
  emit("3");
  isDown = false;
  await stage.arrive(receiver, 3);
  expect(receiver.accepted.map(({ events }) => events.map(({ data }) => data))).toEqual([["1"], ["2", "3"]]);
  expect(receiver.accepted[0]?.id).toBe(receiver.requests[0]?.id ?? "none");

  isDown = true;
  const tried = receiver.requests.length;
  for (const data of ["4", "5"]) emit(data);
  await stage.passUntil(
    "a batch",
    until("a batch", () => receiver.requests.length > tried),
  );
  await stage.store.save({ ...webhook, isBatching: false });
  await stage.webhooks.changed();
  emit("6");
  isDown = false;
  const events = await stage.arrive(receiver, 6);
  expect(events.map(({ data }) => data)).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(receiver.accepted[2]?.id).toBe(receiver.requests[tried]?.id ?? "none");
});

test("a node that was suspended records nothing after another node took over, even if its clock differs", async () => {
  const gate = Promise.withResolvers<Response>();
  const answers = [() => gate.promise];
  const receiver = await stage.addUnnoticed({}, { answer: () => answers.shift()?.() ?? statusAnswer(200) });
  const clock = new NodeClock(stage.clock, 0);
  const feed = new ActivityFeed();
  const first = await stage.startNode("first", clock, feed);
  const second = await stage.startNode("second", new NodeClock(stage.clock, 30_000));
  emit("1", feed);
  emit("2", feed);
  await stage.passUntil(
    "the first request",
    until("the first request", () => receiver.requests.length === 1),
  );
  expect([first.circuit("w1"), second.circuit("w1")]).toEqual([expect.anything(), null]);

  clock.freeze();
  await stage.arrive(receiver, 2, 500);
  expect(receiver.events().map(({ data }) => data)).toEqual(["1", "2"]);
  const history = () => stage.history.list("w1", { state: null, beforeSequence: null }, 10);
  await stage.passUntil(
    "the records",
    until("the records", async () => (await history()).every(({ state }) => state === "delivered")),
  );
  const before = await history();
  gate.resolve(statusAnswer(500));
  clock.thaw();
  await stage.clockPasses(10_000);
  expect(await history()).toEqual(before);
  expect(receiver.requests.map(({ events }) => events[0]?.data)).toEqual(["1", "1", "2"]);
  expect([first.circuit("w1"), second.circuit("w1")]).toEqual([null, expect.anything()]);
  for (const node of [first, second]) await stage.passUntil("a stop", node.stop());
});

test.each(["", ", even if it cannot read the webhooks then"])(
  "a node that delivers again after another one knows nothing of the receiver's former failures%s",
  async (trouble) => {
    let isDown = true;
    const receiver = await stage.addUnnoticed({}, { answer: () => statusAnswer(isDown ? 500 : 200) });
    const clock = new NodeClock(stage.clock, 0);
    const feed = new ActivityFeed();
    const first = await stage.startNode("first", clock, feed);
    emit("1", feed);
    await stage.passUntil(
      "a pause",
      until("five failures", () => first.circuit("w1")?.isPaused === true),
      500,
    );
    clock.freeze();
    isDown = false;
    const second = await stage.startNode("second", stage.clock);
    await stage.arrive(receiver, 1, 500);
    await stage.passUntil("a stop", second.stop());
    const { lease } = stage.outbox;
    const leases = spyOn(stage.outbox, "lease").mockImplementationOnce(async (request) => {
      if (trouble !== "") spyOn(stage.store, "version").mockRejectedValueOnce(new Error("lost"));
      return lease.call(stage.outbox, request);
    });
    clock.thaw();
    const circuit = await stage.passUntil(
      "the first node",
      until("it to deliver", () => first.circuit("w1")),
    );
    expect(leases).toHaveBeenCalled();
    expect(circuit).toMatchObject({ failuresInARow: 0, isPaused: false });
    await stage.passUntil("a stop", first.stop());
  },
);

test("a node takes over immediately after the other stopped", async () => {
  const receiver = await stage.addUnnoticed();
  const feed = new ActivityFeed();
  const first = await stage.startNode("first", stage.clock, feed);
  const second = await stage.startNode("second", stage.clock);
  emit("1", feed);
  await stage.passUntil("a stop", first.stop());
  const stoppedAtMs = stage.clock.now();
  // Without the request, whose duration depends on the machine.
  await stage.passUntil(
    "the other node",
    until("it to deliver", () => second.circuit("w1") !== null),
  );
  expect(stage.clock.now() - stoppedAtMs).toBeLessThan(3_000);
  await stage.arrive(receiver, 1);
  await stage.passUntil("a stop", second.stop());
});
