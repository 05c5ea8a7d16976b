/** Webhooks of a server started as a user starts it, with receivers that use the stock libraries. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../support/until.ts";
import { enter, startWebhookStage } from "../support/webhook-stage.ts";

setDefaultTimeout(120_000);

const pusherEvents = [
  "channel_occupied",
  "channel_vacated",
  "member_added",
  "member_removed",
  "client_event",
];

test("presence, client events and departures arrive as Pusher tells them", async () => {
  await using stage = await startWebhookStage([{ events: pusherEvents }]);
  const [receiver] = stage.receivers;
  if (receiver === undefined) throw new Error("no receiver");
  const client = await stage.client();
  await enter(stage, client, "presence-room", "ada");
  client.send({ event: "client-wave", channel: "presence-room", data: { to: "all" } });
  await receiver.eventCount(3);
  client.tcp.destroy();
  const events = await receiver.eventCount(5);
  expect(receiver.requests.every((one) => one.isPusherValid && one.isStandardValid)).toBe(true);
  expect(events.map(({ name }) => name).sort()).toEqual([...pusherEvents].sort());
  expect(events.find(({ name }) => name === "client_event")).toMatchObject({
    ...{ channel: "presence-room", event: "client-wave", user_id: "ada", socket_id: client.socketId },
    data: '{"to":"all"}',
  });
});

test("a client that is back within the delay was never away", async () => {
  await using stage = await startWebhookStage([{ events: ["channel_occupied", "channel_vacated"] }]);
  const [receiver] = stage.receivers;
  const first = await stage.client();
  await enter(stage, first, "room");
  await receiver?.eventCount(1);
  first.tcp.destroy();
  const second = await stage.client();
  await enter(stage, second, "room");
  await enter(stage, second, "other");
  second.tcp.destroy();
  await receiver?.eventCount(4);
  const heard = receiver?.events().map(({ name, channel }) => `${name} ${channel}`);
  expect(heard?.sort()).toEqual([
    "channel_occupied other",
    "channel_occupied room",
    "channel_vacated other",
    "channel_vacated room",
  ]);
});

test("each webhook hears its own types and channels, batched where it asks for it", async () => {
  await using stage = await startWebhookStage([
    { events: ["channel_occupied"], batching: true },
    { events: ["channel_occupied"], filters: { suffix: "-7" } },
  ]);
  const [all, some] = stage.receivers;
  const client = await stage.client();
  for (let index = 0; index < 20; index += 1)
    client.send({ event: "pusher:subscribe", data: { channel: `room-${index}` } });
  await all?.eventCount(20);
  await some?.eventCount(1);
  expect(all?.requests.length).toBeLessThan(20);
  expect(some?.events()).toEqual([{ name: "channel_occupied", channel: "room-7" }]);
});

test("a private address is refused unless the operator allows it", async () => {
  await using stage = await startWebhookStage([{ events: ["channel_occupied"] }], {});
  await enter(stage, await stage.client(), "room");
  await until("a failure", async () => (await stage.metric("soketify_webhook_failed_requests_total")) > 0);
  expect(stage.receivers[0]?.requests).toEqual([]);
});

test("plain http is refused in production unless its network is allowed", async () => {
  const production = { SOKETIFY_ENVIRONMENT: "production" };
  await using stage = await startWebhookStage([{ events: ["channel_occupied"] }], {
    ...production,
    SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8",
  });
  await enter(stage, await stage.client(), "room");
  await stage.receivers[0]?.eventCount(1);
});
