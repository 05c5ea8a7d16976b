/** Webhooks of a server that is started by the launcher, with receivers that use the stock libraries. */
import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { RawClient } from "../support/net/raw-client.ts";
import { until } from "../support/until.ts";
import { startWebhookReceiver } from "../support/webhook-receiver.ts";
import { enter, startWebhookStage, type WebhookStage } from "../support/webhook-stage.ts";

setDefaultTimeout(120_000);

const pusherEvents = [
  "channel_occupied",
  "channel_vacated",
  "member_added",
  "member_removed",
  "client_event",
];

test("presence, client events and departures arrive in Pusher's format", async () => {
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
    channel: "presence-room",
    event: "client-wave",
    user_id: "ada",
    socket_id: client.socketId,
    data: '{"to":"all"}',
  });
});

test("a client that returns within the delay causes no events", async () => {
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
  const received = receiver?.events().map(({ name, channel }) => `${name} ${channel}`);
  expect(received?.sort()).toEqual([
    "channel_occupied other",
    "channel_occupied room",
    "channel_vacated other",
    "channel_vacated room",
  ]);
});

test("each webhook receives its own types and channels, batched if it enables batching", async () => {
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

test("two apps created over the admin API never receive events of each other", async () => {
  await using stage = await startWebhookStage([]);
  const receivers = await Promise.all(["first", "second"].map((name) => addAppWithReceiver(stage, name)));
  for (const { app, name } of receivers) {
    const client = await RawClient.connect(stage.server.webSocketUrl(undefined, app.key));
    await client.subscribe(`room-of-${name}`);
  }
  for (const { receiver, name } of receivers) {
    await receiver.eventCount(1);
    expect(receiver.events()).toEqual([{ name: "channel_occupied", channel: `room-of-${name}` }]);
    expect(receiver.requests.every((one) => one.isPusherValid)).toBe(true);
    await receiver.stop();
  }
});

test("a webhook for the address of a cloud's metadata service is refused", async () => {
  await using stage = await startWebhookStage([]);
  const path = `/apps/${stage.server.app.id}/webhooks`;
  const body = { url: "http://169.254.169.254/latest/meta-data", events: ["channel_occupied"] };
  const answer = await stage.admin("POST", path, body);
  expect(answer).toMatchObject({ status: 400, body: { code: "webhook_refused" } });
});

test("a server that is stopped writes its last events, and releases the lease of delivery", async () => {
  await using stage = await startWebhookStage([{ events: ["channel_occupied", "channel_vacated"] }]);
  await enter(stage, await stage.client(), "room");
  await stage.receivers[0]?.eventCount(1);
  await stage.server.stop();
  const file = new Database(join(stage.server.dataDir, "soketify.db"), { readonly: true });
  expect(file.query("select leased_until_ms from webhook_state").get()).toEqual({ leased_until_ms: 0 });
  expect(file.query("select type, channel from webhook_departures").all()).toEqual([
    { type: "channel_vacated", channel: "room" },
  ]);
  file.close();
});

test("a lone server that stops writes down that members left, also those whose grace has not passed", async () => {
  await using stage = await startWebhookStage([{ events: ["member_added", "member_removed"] }]);
  const channelRules = [{ pattern: "presence-*", presenceGraceMs: 60_000 }];
  await stage.admin("PATCH", `/apps/${stage.server.app.id}`, { settings: { channelRules } });
  const cutOff = await stage.client();
  await enter(stage, cutOff, "presence-room", "ada");
  await stage.receivers[0]?.eventCount(1);
  cutOff.tcp.destroy();
  await until("the connection to be gone", async () => (await stage.metric("soketify_connections")) === 0);
  await stage.server.stop();
  const file = new Database(join(stage.server.dataDir, "soketify.db"), { readonly: true });
  expect(file.query("select type, channel, user_id from webhook_departures").all()).toEqual([
    { type: "member_removed", channel: "presence-room", user_id: "ada" },
  ]);
  file.close();
});

async function addAppWithReceiver(stage: WebhookStage, name: string) {
  const { body: made } = await stage.admin("POST", "/apps", { name });
  const app = { id: made.app.id, key: made.app.key };
  const receiver = startWebhookReceiver({ key: app.key, secret: made.secret.value });
  const webhook = { url: receiver.url, events: ["channel_occupied"] };
  expect(await stage.admin("POST", `/apps/${app.id}/webhooks`, webhook)).toMatchObject({ status: 201 });
  return { app, name, receiver };
}
