import { expect, test } from "bun:test";
import { until } from "../../test/support/until.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("events beyond the memory limit are dropped and counted, and the others arrive", async () => {
  const receiver = await stage.start({}, {}, { bufferedEventsMax: 5 });
  for (let index = 0; index < 8; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  expect(stage.webhooks.figures.refused).toBe(3);
  await stage.arrive(receiver, 5);
});

test("an app's events beyond its bytes in memory are dropped until the others are written", async () => {
  const receiver = await stage.start({}, {}, { bufferedBytesMax: { perApp: 2_000, inAll: 2_000 } });
  const emit = (channel: string) =>
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel });
  emit("x".repeat(800));
  emit("ж".repeat(400));
  expect(stage.webhooks.figures.refused).toBe(1);
  await stage.arrive(receiver, 1);
  emit("ж".repeat(400));
  expect(stage.webhooks.figures.refused).toBe(1);
  await stage.arrive(receiver, 2);
});

test("a webhook has no more pending deliveries than its limit", async () => {
  const receiver = await stage.start({}, { answer: () => statusAnswer(500) }, { pendingPerWebhookMax: 10 });
  for (let index = 0; index < 30; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  await stage.passUntil(
    "the refusals",
    until("20 refused", () => stage.webhooks.figures.refused === 20),
  );
  await stage.passUntil("a request", receiver.inbox.next("a request"));
  expect((await stage.outbox.backlog())[0]?.pending).toBe(10);
});

test("finished deliveries beyond the limit are deleted", async () => {
  const receiver = await stage.start({}, {}, { keptPerWebhookMax: 3 });
  for (let index = 0; index < 12; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  await stage.arrive(receiver, 12);
  await stage.clockPasses(120_000, 1_000);
  expect(await stage.history.list("w1", { state: null, beforeSequence: null }, 100)).toHaveLength(3);
});
