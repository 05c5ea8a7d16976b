/** Numbers in published data keep all their digits in clients, webhooks and the admin API. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { sign, signedPath } from "../support/net/http-request.ts";
import type { RawClient } from "../support/net/raw-client.ts";
import { runSoketify } from "../support/run-soketify.ts";
import { startWebhookStage, type WebhookStage } from "../support/webhook-stage.ts";

setDefaultTimeout(60_000);

/** `JSON.parse` would change each of them. */
const json = '{"big":1234567890123456789,"price":1.50,"huge":1E400}';
const channel = "presence-till";

async function enter({ server: { app } }: WebhookStage, client: RawClient, userId: string): Promise<string> {
  const member = `{"user_id":"${userId}","user_info":${json}}`;
  const auth = `${app.key}:${sign(app.secret, `${client.socketId}:${channel}:${member}`)}`;
  client.send({ event: "pusher:subscribe", data: { channel, auth, channel_data: member } });
  return client.texts.next("the members");
}

function get({ server }: WebhookStage, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${server.adminToken}` };
  return fetch(`${server.adminUrl}/api/v1/apps/${server.app.id}/${path}`, { headers });
}

async function read(stage: WebhookStage, path: string): Promise<string> {
  return (await get(stage, path)).text();
}

/** Reads the stream up to `last`. */
async function readTo(last: string, { body }: Response): Promise<string> {
  let text = "";
  for await (const piece of body ?? []) {
    text += Buffer.from(piece).toString();
    if (text.includes(last)) break;
  }
  return text;
}

test("1234567890123456789, 1.50 and 1E400 arrive and are shown unchanged", async () => {
  await using stage = await startWebhookStage([{ events: ["client_event"] }]);
  const { server } = stage;
  const { id } = server.app;
  await stage.admin("PATCH", `/apps/${id}`, {
    settings: { channelRules: [{ pattern: "presence-*", historyEventsMax: 10, clientEventsKept: true }] },
  });
  const live = await get(stage, "live");
  const inString = JSON.stringify(json).slice(1, -1);

  using ada = await stage.client();
  using bo = await stage.client();
  expect(await enter(stage, ada, "ada")).toContain(inString);
  expect(await enter(stage, bo, "bo")).toContain(inString);
  expect((await ada.expect("pusher_internal:member_added")).data).toContain(json);

  bo.send(`{"event":"client-pay","channel":"${channel}","data":${json}}`);
  expect((await ada.expect("client-pay")).data).toBe(json);
  const body = `{"name":"paid","channel":"${channel}","data":${json}}`;
  const path = signedPath(server.app, { method: "POST", path: `/apps/${id}/events`, body });
  expect((await fetch(`${server.httpUrl}${path}`, { method: "POST", body })).status).toBe(200);
  expect((await ada.expect("paid")).data).toBe(json);

  expect(await read(stage, `channels/${channel}`)).toContain(`{"id":"bo","info":${json}}`);
  expect((await read(stage, `channels/${channel}/history`)).split(inString)).toHaveLength(3);
  expect((await readTo('"api_request"', live)).split(inString)).toHaveLength(3);
  expect(runSoketify(server.dataDir, "history", id, channel).output.split(json)).toHaveLength(3);

  const [delivered] = (await stage.receivers[0]?.eventCount(1)) ?? [];
  expect(delivered).toMatchObject({ event: "client-pay", data: json });
  const webhooks = JSON.parse(await read(stage, "webhooks")) as { webhooks: { id: string }[] };
  const webhookId = webhooks.webhooks[0]?.id ?? "";
  expect(await read(stage, `webhooks/${webhookId}/deliveries`)).toContain(inString);
  expect(runSoketify(server.dataDir, "webhook", "deliveries", id, webhookId, "--json").output).toContain(
    inString,
  );
});
