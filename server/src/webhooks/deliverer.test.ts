import { expect, spyOn, test } from "bun:test";
import { until } from "../../test/support/until.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";
import type { WebhookReceiver } from "../../test/support/webhook-receiver.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("nothing that was written is lost by a restart, and nothing delivered is repeated", async () => {
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

test("while there is no webhook the outbox is rarely looked at, and one that is made is served at once", async () => {
  await stage.startWebhooks();
  const looks = spyOn(stage.outbox, "backlog");
  await stage.clockPasses(60_000);
  expect(looks.mock.calls.length).toBeLessThanOrEqual(12);
  const receiver = await stage.addReceiver();
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  looks.mockClear();
  await stage.clockPasses(60_000);
  expect(looks.mock.calls.length).toBeGreaterThan(50);
});

test("at rest, what another process has put into the outbox for a webhook of its own is delivered", async () => {
  await stage.startWebhooks();
  await stage.clockPasses(20_000);
  const receiver = await stage.addUnnoticed();
  const event = JSON.stringify({ name: "channel_occupied", channel: "room" });
  const written = { webhookId: "w1", type: "channel_occupied", revision: 1, channel: "room", event };
  await stage.outbox.write({
    deliveries: [{ ...written, id: "msg_1", createdAtMs: stage.clock.now(), returnOf: null }],
    returns: [],
    departures: [],
  });
  expect(await stage.arrive(receiver, 1)).toEqual([{ name: "channel_occupied", channel: "room" }]);
});

const hourMs = 3_600_000;

/** How long the receiver waits for so many events by the clock that was just set back. */
async function waitMs(receiver: WebhookReceiver, count: number): Promise<number> {
  const setBackAtMs = stage.clock.now();
  await stage.arrive(receiver, count, 1_000);
  return stage.clock.now() - setBackAtMs;
}

test("a clock that is set back an hour does not keep a retry for an hour", async () => {
  let failures = 6;
  const receiver = await stage.start({}, { answer: () => statusAnswer(failures-- > 0 ? 500 : 200) });
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.passUntil(
    "a pause",
    until("five failures", () => stage.webhooks.circuit("w1")?.isPaused === true),
  );
  stage.clock.setBack(hourMs);
  expect(await waitMs(receiver, 1)).toBeLessThan(hourMs / 4);
});

test("what a process planned on a clock that is an hour ahead is not kept for an hour by the next", async () => {
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
