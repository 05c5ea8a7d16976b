import { expect, spyOn, test } from "bun:test";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("nothing that was written is lost by a restart, and nothing delivered is repeated", async () => {
  let isDown = true;
  const receiver = await stage.start({}, { answer: () => statusAnswer(isDown ? 500 : 200) });
  for (let index = 0; index < 50; index += 1)
    stage.activity.emit({ type: "channel_occupied", appId: "1", channel: `c${index}` });
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
  stage.activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
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
  const written = { webhookId: "w1", type: "channel_occupied", channel: "room", event };
  await stage.outbox.write({
    deliveries: [{ ...written, id: "msg_1", createdAtMs: stage.clock.now(), returnOf: null }],
    returns: [],
    departures: [],
  });
  expect(await stage.arrive(receiver, 1)).toEqual([{ name: "channel_occupied", channel: "room" }]);
});
