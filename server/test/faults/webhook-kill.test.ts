/** A server killed in the middle of its deliveries. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../support/until.ts";
import { startWebhookStage } from "../support/webhook-stage.ts";

setDefaultTimeout(120_000);

const events = 1_000;
const clients = 10;
const requestsAtOnceMax = 10;
/** A request that waits until all events are written must not time out and be repeated. */
const env = { SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8", SOKETIFY_WEBHOOK_TIMEOUT_MS: "60000" };

test("kill -9 in the middle of 1,000 deliveries loses none and repeats at most those in progress", async () => {
  const gate = Promise.withResolvers<void>();
  const answer = async () => {
    await gate.promise;
    return new Response("thanks");
  };
  await using stage = await startWebhookStage([{ events: ["channel_occupied"], answer }], env);
  const [receiver] = stage.receivers;
  if (receiver === undefined) throw new Error("no receiver");
  for (let number = 0; number < clients; number += 1) {
    const client = await stage.client();
    for (let index = 0; index < events / clients; index += 1)
      client.send({ event: "pusher:subscribe", data: { channel: `room-${number}-${index}` } });
  }
  await until(
    "the events to be written",
    async () => (await stage.metric("soketify_webhook_pending_deliveries")) === events,
  );
  gate.resolve();
  await receiver.eventCount(events / 3);
  await stage.server.kill();
  const beforeKill = new Set(receiver.accepted.map(({ id }) => id)).size;
  expect(beforeKill).toBeLessThan(events);
  await stage.server.start();
  await until("the outbox to be empty", async () => {
    return (
      (await stage.metric("soketify_webhook_pending_deliveries")) === 0 && receiver.accepted.length >= events
    );
  });
  expect(new Set(receiver.accepted.map(({ id }) => id)).size).toBe(events);
  expect(receiver.accepted.length - events).toBeLessThanOrEqual(requestsAtOnceMax);
});
