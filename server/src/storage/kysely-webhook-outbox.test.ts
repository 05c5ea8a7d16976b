import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultAppSettings } from "../core/app-settings.ts";
import { type Departure, type NewDelivery, OutboxContention } from "../core/ports/webhook-outbox.ts";
import type { Webhook } from "../core/webhook.ts";
import { unlockDataKeys } from "./data-keys.ts";
import { KyselyAppStore } from "./kysely-app-store.ts";
import { KyselyWebhookOutbox } from "./kysely-webhook-outbox.ts";
import { KyselyWebhookStore } from "./kysely-webhook-store.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import type { Database } from "./schema.ts";

let dataDir: string;
let db: Database;
let store: KyselyWebhookStore;
let outbox: KyselyWebhookOutbox;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
  db = await openDatabase({ url: null, dataDir });
  await migrate(db);
  const keys = await unlockDataKeys(db, { value: null, dataDir }, 0);
  await new KyselyAppStore(db, keys).create({
    ...{ id: "1", key: "key1", name: "one", isEnabled: true, settings: defaultAppSettings },
    ...{ createdAtMs: 0, revision: 1 },
    secrets: [
      {
        ...{ id: "s1", value: "a secret", state: "active", createdAtMs: 0, createdBy: "test" },
        ...{ activatedAtMs: 0, revokedAtMs: null, lastUsed: {} },
      },
    ],
  });
  store = new KyselyWebhookStore(db, keys);
  outbox = new KyselyWebhookOutbox(db);
});

afterEach(async () => {
  await db.destroy();
  rmSync(dataDir, { recursive: true });
});

test("a webhook comes back as it was saved, its headers sealed in the table", async () => {
  expect(await store.create(someWebhook, 1)).toBe(true);
  expect(await store.list()).toEqual([someWebhook]);
  const row = await db.selectFrom("webhooks").selectAll().executeTakeFirstOrThrow();
  expect(JSON.stringify(row)).not.toContain("Bearer");
  const disabled = { ...someWebhook, isEnabled: false, disabledReason: "answered 410" };
  expect(await store.save(disabled)).toBe(true);
  expect(await store.save(disabled)).toBe(true);
  expect(await store.list()).toEqual([disabled]);
});

test("an app has no more webhooks than it may, and another app's are out of reach", async () => {
  await store.create(someWebhook, 1);
  expect(await store.create({ ...someWebhook, id: "w2" }, 1)).toBe(false);
  expect(await store.save({ ...someWebhook, appId: "2" })).toBe(false);
  expect(await store.delete("2", "w1")).toBe(false);
  expect(await store.delete("1", "w1")).toBe(true);
});

test("each change of a webhook raises the version", async () => {
  const before = await store.version();
  await store.create(someWebhook, 1);
  expect(await store.version()).toBeGreaterThan(before);
});

test("deliveries are due in the order of writing, and not before their lane is", async () => {
  await write([delivery("d1"), delivery("d2", "other"), delivery("d3")]);
  expect(await dueIds(10)).toEqual(["d1", "d2", "d3"]);
  await outbox.record([outcome("d1", "pending", 500)]);
  expect(await dueIds(10)).toEqual(["d2"]);
  expect(await dueIds(500)).toEqual(["d1", "d2", "d3"]);
  expect((await outbox.due("w1", 500, 1))[0]?.attempts).toBe(1);
});

test("a return in time takes the departure with it, and the pair is never told", async () => {
  await outbox.write({ deliveries: [], returns: [], departures: [departure("k")] });
  await outbox.write({
    deliveries: [{ ...delivery("back"), returnOf: "k" }],
    returns: ["k"],
    departures: [],
  });
  expect(await outbox.dueDepartures(10_000, 10)).toEqual([]);
  expect(await dueIds(10)).toEqual([]);
});

test("a return that undoes nothing is told", async () => {
  await outbox.write({ deliveries: [{ ...delivery("new"), returnOf: "k" }], returns: ["k"], departures: [] });
  expect(await dueIds(10)).toEqual(["new"]);
});

test("a departure that was undone meanwhile is not released, and nothing is written", async () => {
  await outbox.write({ deliveries: [], returns: [], departures: [departure("k"), departure("l")] });
  expect((await outbox.dueDepartures(10_000, 10)).map(({ key }) => key)).toEqual(["k", "l"]);
  await outbox.write({ deliveries: [], returns: ["k"], departures: [] });
  await expect(outbox.release(["k", "l"], [delivery("gone")])).rejects.toThrow(OutboxContention);
  expect(await dueIds(10)).toEqual([]);
  await outbox.release(["l"], [delivery("gone")]);
  expect(await dueIds(10)).toEqual(["gone"]);
});

test("a request keeps its deliveries over retries, and is replayed whole", async () => {
  await write([delivery("d1"), delivery("d2"), delivery("d3")]);
  await outbox.group(["d1", "d2"], "m");
  expect((await outbox.message("m")).map(({ id }) => id)).toEqual(["d1", "d2"]);
  await outbox.record([{ ...outcome("d1", "dead", null), deliveryIds: ["d1", "d2"] }]);
  expect(await outbox.message("m")).toEqual([]);
  expect(await outbox.replay("w1", "d3", 50)).toBe(false);
  expect(await outbox.replay("w2", "d1", 50)).toBe(false);
  expect(await outbox.replay("w1", "d1", 50)).toBe(true);
  expect((await outbox.message("m")).map(({ id, queuedAtMs }) => [id, queuedAtMs])).toEqual([
    ["d1", 50],
    ["d2", 50],
  ]);
});

test("the history is the latest first, with the last answer", async () => {
  await write([delivery("d1"), delivery("d2")]);
  await outbox.record([outcome("d1", "dead", null)]);
  const all = await outbox.history("w1", { state: null, beforeSequence: null }, 10);
  expect(all.map(({ id }) => id)).toEqual(["d2", "d1"]);
  const [dead] = await outbox.history("w1", { state: "dead", beforeSequence: null }, 10);
  expect(dead?.lastAttempt).toEqual({ atMs: 5, durationMs: 2, status: 500, answer: "no" });
});

test("the backlog counts what is pending, and what waited too long is given up", async () => {
  await write([delivery("d1"), delivery("d2")]);
  expect(await outbox.backlog()).toEqual([{ webhookId: "w1", pending: 2, oldestAtMs: 1, nextDueAtMs: 1 }]);
  expect(await outbox.expire("w1", 2, { atMs: 9, durationMs: 0, status: null, answer: "gone" })).toBe(2);
  expect(await outbox.backlog()).toEqual([]);
});

test("what is given up keeps the answer that it got, and gets the reason where it got none", async () => {
  await write([delivery("d1", "room"), delivery("d2", "hall")]);
  await outbox.record([outcome("d1", "pending", 9)]);
  await outbox.expire("w1", 10, { atMs: 9, durationMs: 0, status: null, answer: "paused" });
  const dead = await outbox.history("w1", { state: "dead", beforeSequence: null }, 10);
  expect(dead.map(({ lastAttempt }) => lastAttempt)).toEqual([
    { atMs: 9, durationMs: 0, status: null, answer: "paused" },
    { atMs: 5, durationMs: 2, status: 500, answer: "no" },
  ]);
});

test("a webhook's tally says what waits, what was given up and when it last went well", async () => {
  const other = { ...delivery("d9"), webhookId: "w2" };
  await write([delivery("d1"), delivery("d2"), delivery("d3"), { ...delivery("d4"), createdAtMs: 4 }, other]);
  await outbox.record([outcome("d1", "dead", null)]);
  const delivered = { ...outcome("d2", "dead", null), state: "delivered" as const };
  await outbox.record([{ ...delivered, attempt: { ...delivered.attempt, atMs: 8 } }]);
  await outbox.postpone({ webhookId: "w1", channel: null }, 60);
  expect(await outbox.tally("w1")).toEqual({
    ...{ webhookId: "w1", waiting: 2, waitingSinceMs: 1, nextDueAtMs: 60, givenUp: 1, lastDeliveredAtMs: 8 },
  });
  expect(await outbox.tally("none")).toMatchObject({ waiting: 0, givenUp: 0, lastDeliveredAtMs: null });
});

test("what is finished is deleted by age and by number, and what has no webhook at once", async () => {
  await store.create(someWebhook, 1);
  await write([delivery("d1"), delivery("d2"), delivery("d3"), { ...delivery("d4"), webhookId: "none" }]);
  await outbox.record([{ ...outcome("d1", "dead", null), deliveryIds: ["d1", "d2"] }]);
  const never = { deliveredBeforeMs: 0, deadBeforeMs: 0 };
  expect(await outbox.sweep({ ...never, keptPerWebhookMax: 2 })).toBe(1);
  expect(await outbox.sweep({ ...never, keptPerWebhookMax: 1 })).toBe(1);
  expect(await outbox.sweep({ ...never, deadBeforeMs: 100, keptPerWebhookMax: 10 })).toBe(1);
  expect(await dueIds(10)).toEqual(["d3"]);
});

test("one node delivers at a time", async () => {
  expect(await outbox.lease("a", 0, 100)).toBe(true);
  expect(await outbox.lease("b", 50, 150)).toBe(false);
  expect(await outbox.lease("a", 90, 190)).toBe(true);
  expect(await outbox.lease("b", 191, 300)).toBe(true);
  await outbox.endLease("b");
  expect(await outbox.lease("a", 192, 300)).toBe(true);
});

const someWebhook: Webhook = {
  id: "w1",
  appId: "1",
  url: "https://example.com/hook",
  events: ["channel_occupied"],
  filters: { prefix: ["a"], suffix: [], glob: [] },
  headers: { authorization: "Bearer x" },
  isBatching: true,
  isEnabled: true,
  disabledReason: null,
  createdAtMs: 7,
};

function write(deliveries: readonly NewDelivery[]): Promise<void> {
  const all = deliveries.map((one) => ({ ...one, returnOf: null }));
  return outbox.write({ deliveries: all, returns: [], departures: [] });
}

async function dueIds(nowMs: number): Promise<string[]> {
  return (await outbox.due("w1", nowMs, 100)).map(({ id }) => id);
}

function delivery(id: string, channel = "room"): NewDelivery {
  return { id, webhookId: "w1", type: "channel_occupied", channel, event: "{}", createdAtMs: 1 };
}

function departure(key: string): Departure {
  return {
    ...{ key, appId: "1", type: "channel_vacated", channel: "room", userId: null, event: "{}" },
    ...{ createdAtMs: 1, dueAtMs: 3_001 },
  };
}

function outcome(id: string, state: "pending" | "dead", retryAtMs: number | null) {
  return {
    deliveryIds: [id],
    state,
    attempt: { atMs: 5, durationMs: 2, status: 500, answer: "no" },
    retry: retryAtMs === null ? null : { atMs: retryAtMs, lane: { webhookId: "w1", channel: "room" } },
  };
}
