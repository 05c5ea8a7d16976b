import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import type { DeliveryRecord } from "../../core/ports/webhook-history.ts";

const params = { appId: "1" };
const body = { url: "https://example.com/hook", events: ["channel_occupied" as const] };
let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  for (const id of ["1", "2"]) await server.call("createApp", { body: { id, key: `key-of-app-${id}` } });
});

test("a webhook is created with the defaults, listed, changed and deleted", async () => {
  const { webhook } = await server.call("createWebhook", { params, body });
  expect(webhook).toMatchObject({ ...body, batching: false, enabled: true, headerNames: [] });
  expect((await server.call("listWebhooks", { params })).webhooks).toMatchObject([webhook]);
  const one = { ...params, webhookId: webhook.id };
  const changed = await server.call("changeWebhook", { params: one, body: { batching: true } });
  expect(changed.webhook).toEqual({ ...webhook, batching: true });
  expect(await server.call("getWebhook", { params: one })).toMatchObject(changed);
  await server.call("deleteWebhook", { params: one });
  expect(await server.refusal("getWebhook", { params: one })).toMatchObject({ code: "webhook_not_found" });
});

test("a webhook's answer contains its state", async () => {
  const { webhook } = await server.call("createWebhook", { params, body });
  server.tally = {
    waiting: 3,
    waitingSinceMs: 0,
    nextAttemptAtMs: 60_000 + server.management.clock.now(),
    givenUp: 1,
  };
  const health = {
    state: "failing",
    failuresInARow: 2,
    waiting: 3,
    waitingSince: "1970-01-01T00:00:00.000Z",
    nextAttemptAt: new Date(server.tally.nextAttemptAtMs ?? 0).toISOString(),
    givenUp: 1,
  } as const;
  const one = { ...params, webhookId: webhook.id };
  expect((await server.call("getWebhook", { params: one })).webhook.health).toMatchObject(health);
  expect((await server.call("listWebhooks", { params })).webhooks[0]?.health).toMatchObject(health);
});

test("another app's webhook gives the same error as an unknown one", async () => {
  const { webhook } = await server.call("createWebhook", { params, body });
  const other = { appId: "2", webhookId: webhook.id };
  for (const name of ["getWebhook", "deleteWebhook", "testWebhook", "listDeliveries"] as const)
    expect(await server.refusal(name, { params: other })).toMatchObject({ status: 404 });
  expect((await server.call("listWebhooks", { params: { appId: "2" } })).webhooks).toEqual([]);
});

test("a filter is one text or a list", async () => {
  const filters = { prefix: "presence-", glob: ["*-eu", "*-us"] };
  const { webhook } = await server.call("createWebhook", { params, body: { ...body, filters } });
  expect(webhook.filters).toEqual({ prefix: ["presence-"], suffix: [], glob: ["*-eu", "*-us"] });
});

test("the values of headers are neither in answers nor in the audit log", async () => {
  const headers = { Authorization: "Bearer of good news" };
  const { webhook } = await server.call("createWebhook", { params, body: { ...body, headers } });
  expect(webhook.headerNames).toEqual(["Authorization"]);
  const later = [await server.call("listWebhooks", { params }), await server.call("listAudit")];
  expect(JSON.stringify([webhook, later])).not.toContain("good news");
});

test.each([
  [{ ...body, url: "http://inside.example.com/" }, "webhook_refused"],
  [{ ...body, url: "ftp://example.com" }, "invalid_request"],
  [{ ...body, events: [] }, "invalid_request"],
  [{ ...body, headers: { "X-Pusher-Key": "x" } }, "webhook_refused"],
  [{ ...body, secret: "x" }, "invalid_request"],
])("%j is refused", async (wrong, code) => {
  expect(await server.refusal("createWebhook", { params, body: wrong })).toMatchObject({ status: 400, code });
});

test.each([
  [
    { ...body, url: "ftp://example.com" },
    "url: A webhook's URL must start with https:// or http://, not ftp://",
  ],
  [{ ...body, url: "example.com" }, "url: The URL is not valid: it must look like https://example.com/hook"],
  [{ ...body, events: [] }, "events: Choose at least one event"],
])("%j is refused with the error message of core", async (wrong, detail) => {
  expect(await server.refusal("createWebhook", { params, body: wrong })).toMatchObject({ detail });
});

test("an app has at most fifty webhooks", async () => {
  for (let number = 0; number < 50; number += 1) await server.call("createWebhook", { params, body });
  expect(await server.refusal("createWebhook", { params, body })).toMatchObject({
    code: "too_many_webhooks",
  });
});

test("a test returns the receiver's response", async () => {
  const { webhook } = await server.call("createWebhook", { params, body });
  const answer = await server.call("testWebhook", { params: { ...params, webhookId: webhook.id } });
  expect(answer).toMatchObject({ isDelivered: false, attempt: { status: 500, answer: "no" } });
});

test("internal addresses are shown to the server's operators, not to people with access to an app", async () => {
  const inside = { ...body, url: "https://inside.example.com/" };
  const { webhook } = await server.call("createWebhook", { params, body });
  const one = { ...params, webhookId: webhook.id };
  const token = await server.token(["app:1"]);
  const seen = [
    await server.refusal("createWebhook", { params, body: inside, token }),
    await server.refusal("changeWebhook", { params: one, body: { url: inside.url }, token }),
    await server.call("testWebhook", { params: one, token }),
  ];
  expect(seen).toMatchObject([
    { detail: "not at a public address" },
    { detail: "not at a public address" },
    {},
  ]);
  expect(JSON.stringify(seen)).not.toContain("10.0.0.5");
  expect(await server.refusal("createWebhook", { params, body: inside })).toMatchObject({
    detail: "it is at 10.0.0.5",
  });
  expect((await server.call("testWebhook", { params: one })).detail).toContain("10.0.0.5");
});

test("deliveries are listed newest first, and a finished one can be replayed", async () => {
  const { webhook } = await server.call("createWebhook", { params, body });
  const one = { ...params, webhookId: webhook.id };
  server.deliveries.push(record(3, "pending"), record(2, "dead"), record(1, "delivered"));
  const first = await server.call("listDeliveries", { params: one, query: { limit: 2 } });
  expect(first.deliveries.map(({ id, state }) => `${id} ${state}`)).toEqual(["d3 pending", "d2 dead"]);
  const query = { cursor: first.nextCursor ?? "" };
  const rest = await server.call("listDeliveries", { params: one, query });
  expect(rest).toMatchObject({ deliveries: [{ id: "d1", nextAttemptAt: null }], nextCursor: null });
  await server.call("replayDelivery", { params: { ...one, deliveryId: "d2" } });
  expect(server.webhookControl.tried).toEqual([webhook.id]);
  const none = { ...one, deliveryId: "none" };
  expect(await server.refusal("replayDelivery", { params: none })).toMatchObject({
    code: "delivery_not_found",
  });
});

test("all given-up deliveries are replayed together, with one audit entry", async () => {
  const { webhook } = await server.call("createWebhook", { params, body });
  const one = { ...params, webhookId: webhook.id };
  expect(await server.call("replayGivenUp", { params: one })).toEqual({ replayed: 0 });
  expect(server.webhookControl.tried).toEqual([]);
  server.deliveries.push(record(3, "dead"), record(2, "dead"), record(1, "delivered"));
  expect(await server.call("replayGivenUp", { params: one })).toEqual({ replayed: 2 });
  expect(server.webhookControl.tried).toEqual([webhook.id]);
  const recorded = server.management.audit.rows.filter(({ action }) => action === "webhook.replay");
  expect(recorded).toMatchObject([{ target: `webhook ${webhook.id}`, after: { deliveries: 2 } }]);
});

function record(sequence: number, state: DeliveryRecord["state"]): DeliveryRecord {
  return {
    sequence,
    id: `d${sequence}`,
    webhookId: "w",
    messageId: null,
    type: "cache_miss",
    channel: "c",
    event: '{"name":"cache_miss","channel":"c"}',
    attempts: 1,
    createdAtMs: 0,
    state,
    nextAttemptAtMs: null,
    lastAttempt: { atMs: 0, durationMs: 1, status: 500, answer: "no" },
  };
}
