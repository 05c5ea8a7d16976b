import { expect, test } from "bun:test";
import { until } from "../../test/support/until.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("what does not fit into memory is refused and counted, and the rest arrives", async () => {
  const receiver = await stage.start({}, {}, { bufferedEventsMax: 5 });
  for (let index = 0; index < 8; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  expect(stage.webhooks.figures.refused).toBe(3);
  await stage.arrive(receiver, 5);
});

test("a webhook has no more waiting than it may", async () => {
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

test("deliveries that are done are deleted beyond the number that is kept", async () => {
  const receiver = await stage.start({}, {}, { keptPerWebhookMax: 3 });
  for (let index = 0; index < 12; index += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${index}` });
  await stage.arrive(receiver, 12);
  await stage.clockPasses(120_000, 1_000);
  expect(await stage.history.list("w1", { state: null, beforeSequence: null }, 100)).toHaveLength(3);
});
