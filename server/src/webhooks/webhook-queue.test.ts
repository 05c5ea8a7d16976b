import { expect, spyOn, test } from "bun:test";
import { fromNowhere } from "../../test/support/net/from-nowhere.ts";
import { until } from "../../test/support/until.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";

const readsMax = 50;

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("a receiver that answers 500 gets the same message again until it accepts it", async () => {
  let failures = 3;
  const receiver = await stage.start({}, { answer: () => statusAnswer(failures-- > 0 ? 500 : 204) });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  expect(receiver.requests).toHaveLength(4);
  expect(new Set(receiver.requests.map(({ id }) => id)).size).toBe(1);
  expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  expect(receiver.requests.every((one) => one.isPusherValid && one.isStandardValid)).toBe(true);
  await stage.passUntil(
    "its record",
    until("a delivery", () => stage.webhooks.figures.delivered === 1),
  );
  expect(stage.webhooks.figures).toMatchObject({ failed: 3, retried: 3, dead: 0 });
});

test("a failed batch is sent again with the same events", async () => {
  let failures = 1;
  const receiver = await stage.start(
    { isBatching: true },
    { answer: () => statusAnswer(failures-- > 0 ? 500 : 200) },
  );
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "a" });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "b" });
  await stage.passUntil("the first try", receiver.inbox.next("the first try"));
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "c" });
  await stage.arrive(receiver, 3);
  expect(receiver.requests[1]?.id).toBe(receiver.requests[0]?.id ?? "none");
  expect(receiver.requests[1]?.body).toBe(receiver.requests[0]?.body ?? "none");
  expect(receiver.events().map(({ channel }) => channel)).toEqual(["a", "b", "c"]);
});

test("a failing event delays later events of its channel but not of other channels", async () => {
  let failures = 2;
  const receiver = await stage.start(
    {},
    { answer: ({ body }) => statusAnswer(body.includes("slow") && failures-- > 0 ? 500 : 200) },
  );
  for (const data of ["1", "2", "3"])
    for (const channel of ["private-slow", "private-fast"])
      stage.activity.emit({
        type: "client_event",
        appId: "1",
        channel,
        data,
        userId: null,
        event: "client-x",
        socketId: "1.1",
        ...fromNowhere,
      });
  const events = await stage.arrive(receiver, 6);
  const dataOf = (channel: string) => events.filter((one) => one.channel === channel).map(({ data }) => data);
  expect(dataOf("private-slow")).toEqual(["1", "2", "3"]);
  expect(dataOf("private-fast")).toEqual(["1", "2", "3"]);
  expect(events.findIndex((one) => one.channel === "private-slow")).toBeGreaterThan(0);
});

test("after five minutes a message fails, is kept, and can be replayed by hand", async () => {
  let isDown = true;
  const receiver = await stage.start({}, { answer: () => statusAnswer(isDown ? 503 : 200) });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passBetweenRequests(
    "the message to be given up",
    until("a dead letter", () => stage.webhooks.figures.dead === 1),
    2_000,
  );
  expect(receiver.requests.length).toBeGreaterThan(5);
  const [dead] = await stage.history.list("w1", { state: "dead", beforeSequence: null }, 10);
  expect(dead?.lastAttempt).toMatchObject({ status: 503, answer: "no" });
  expect(stage.webhooks.circuit("w1")).toMatchObject({ isPaused: true });
  isDown = false;
  expect(await stage.history.replay("w1", dead?.id ?? "")).toBe(true);
  stage.webhooks.tryNow("w1");
  await until("the message without a rest", () => receiver.accepted.length === 1);
  expect(receiver.accepted[0]?.id).toBe(dead?.id ?? "none");
  await stage.passUntil(
    "the webhook to be well",
    until("no failure", () => stage.webhooks.circuit("w1")?.failuresInARow === 0),
  );
});

test("a failed delivery is sent again only when it is replayed itself", async () => {
  let isDown = true;
  const receiver = await stage.start({}, { answer: () => statusAnswer(isDown ? 503 : 200) });
  for (let room = 0; room < 20; room += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `room-${room}` });
  await stage.passUntil(
    "all to be given up",
    until("dead letters", () => stage.webhooks.figures.dead === 20),
    2_000,
  );
  isDown = false;
  const [dead] = await stage.history.list("w1", { state: "dead", beforeSequence: null }, 1);
  await stage.history.replay("w1", dead?.id ?? "");
  stage.webhooks.tryNow("w1");
  await stage.clockPasses(120_000, 1_000);
  expect(receiver.accepted.map(({ id }) => id)).toEqual([dead?.id ?? "none"]);
});

test("410 disables the webhook", async () => {
  const receiver = await stage.start({}, { answer: () => statusAnswer(410) });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passUntil(
    "the 410 response",
    until("disabled", async () => (await stage.store.list())[0]?.isEnabled === false),
  );
  expect((await stage.store.list())[0]?.disabledReason).toContain("410");
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "another" });
  await stage.clockPasses(10_000);
  expect(receiver.requests).toHaveLength(1);
});

test.each([
  ["410", () => statusAnswer(410)],
  ["a pause", () => new Response("later", { status: 503, headers: { "Retry-After": "200" } })],
  ["an error", () => statusAnswer(500)],
])("%s from a receiver that the webhook has left does not concern the new one", async (_, answer) => {
  const answered = Promise.withResolvers<void>();
  const former = await stage.start(
    {},
    { answer: () => answered.promise.then(answer) },
    { failuresBeforePause: 1, backoffFirstMs: 200_000, backoffMaxMs: 200_000 },
  );
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passUntil(
    "a request",
    until("a request", () => former.requests.length === 1),
  );
  const [webhook] = await stage.store.list();
  if (webhook === undefined) throw new Error("no webhook");
  const receiver = await stage.addReceiver({ isEnabled: false });
  await stage.store.save({ ...webhook, url: receiver.url });
  await stage.webhooks.changed();
  stage.webhooks.tryNow(webhook.id);
  const changedAtMs = stage.clock.now();
  answered.resolve();
  const [event] = await stage.arrive(receiver, 1, 1);
  expect(event).toEqual({ name: "channel_occupied", channel: "room" });
  expect(stage.clock.now() - changedAtMs).toBeLessThan(100_000);
  expect((await stage.store.list())[0]).toMatchObject({ isEnabled: true, disabledReason: null });
  expect(stage.webhooks.circuit(webhook.id)?.failuresInARow).toBe(0);
});

test("Retry-After is respected", async () => {
  let failures = 1;
  const atMs: number[] = [];
  const receiver = await stage.start(
    {},
    {
      answer: () => {
        atMs.push(stage.clock.now());
        return failures-- > 0
          ? new Response("", { status: 429, headers: { "retry-after": "100" } })
          : statusAnswer(200);
      },
    },
  );
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1, 2_000);
  expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThanOrEqual(99_000);
});

test("a redirect is a failure and is not followed", async () => {
  const elsewhere = await stage.start();
  const receiver = await stage.addReceiver({}, { answer: () => Response.redirect(elsewhere.url, 307) });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passUntil("the redirect", receiver.inbox.next("the redirect"));
  await stage.arrive(elsewhere, 1);
  expect(elsewhere.requests).toHaveLength(1);
});

test("an unreachable receiver gets one request at a time and delays no other", async () => {
  let isDown = true;
  let inFlight = 0;
  let inFlightMax = 0;
  const dead = await stage.start(
    {},
    {
      answer: async () => {
        inFlight += 1;
        if (stage.webhooks.figures.pausedWebhooks > 0) inFlightMax = Math.max(inFlightMax, inFlight);
        await Bun.sleep(0);
        inFlight -= 1;
        return statusAnswer(isDown ? 500 : 200);
      },
    },
  );
  const healthy = await stage.addReceiver();
  for (let index = 0; index < 40; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  await stage.arrive(healthy, 40);
  await stage.passUntil(
    "the pause",
    until("a paused webhook", () => stage.webhooks.figures.pausedWebhooks === 1),
  );
  await stage.clockPasses(30_000);
  expect(inFlightMax).toBeLessThanOrEqual(1);
  isDown = false;
  await stage.arrive(dead, 40, 500);
  expect(new Set(dead.accepted.map(({ id }) => id)).size).toBe(40);
});

test("a response that never ends reaches the time limit", async () => {
  await stage.start({}, { answer: () => new Promise<Response>(() => undefined) }, { timeoutMs: 4_000 });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passUntil(
    "the time-out",
    until("a failure", () => stage.webhooks.figures.failed === 1),
  );
  const [pending] = await stage.passUntil(
    "its record",
    until("an attempt", async () => {
      const history = await stage.history.list("w1", { state: "pending", beforeSequence: null }, 1);
      return history[0]?.lastAttempt === null ? false : history;
    }),
  );
  expect(pending?.lastAttempt).toMatchObject({
    status: null,
    answer: "No complete response within 4000 ms",
  });
});

test("requests sent while the database accepts no writes are not sent again, and are recorded once it does", async () => {
  const receiver = await stage.start();
  const record = spyOn(stage.outbox, "record").mockRejectedValue(new Error("database is locked"));
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  await stage.clockPasses(60_000, 500);
  expect(record.mock.calls.length).toBeGreaterThan(10);
  expect(stage.webhooks.figures.delivered).toBe(0);
  record.mockRestore();
  await stage.passUntil(
    "its record",
    until("a delivery", () => stage.webhooks.figures.delivered === 1),
  );
  expect(await stage.outbox.backlog()).toEqual([]);
  expect(receiver.requests).toHaveLength(1);
});

test("a stop does not wait for a database that accepts no writes, and the next start sends the same message again", async () => {
  const receiver = await stage.start();
  const record = spyOn(stage.outbox, "record").mockRejectedValue(new Error("database is locked"));
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  await stage.stopWebhooks();
  record.mockRestore();
  await stage.startWebhooks();
  await stage.arrive(receiver, 2);
  expect(new Set(receiver.requests.map(({ id }) => id)).size).toBe(1);
});

test("while a lane is busy the outbox is not read repeatedly for its waiting deliveries", async () => {
  const gate = Promise.withResolvers<void>();
  const receiver = await stage.start(
    { isBatching: true },
    {
      answer: async () => {
        await gate.promise;
        return statusAnswer(200);
      },
    },
  );
  const read = stage.outbox.due.bind(stage.outbox);
  let reads = 0;
  spyOn(stage.outbox, "due").mockImplementation(async (...given) => {
    reads += 1;
    // An endless read loop would block everything else, so that the test itself would not end.
    if (reads > readsMax) throw new Error("The outbox is read endlessly");
    return read(...given);
  });
  for (let index = 0; index < 450; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  await stage.passUntil(
    "the first request",
    until("the first request", () => receiver.requests.length === 1),
  );
  gate.resolve();
  const events = await stage.arrive(receiver, 450);
  expect(events.map(({ channel }) => channel)).toEqual(
    Array.from({ length: 450 }, (_, index) => `c${index}`),
  );
  expect(reads).toBeLessThan(readsMax);
});
