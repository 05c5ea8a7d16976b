import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { until } from "../../test/support/until.ts";
import {
  type ReceiverOptions,
  startWebhookReceiver,
  type WebhookReceiver,
} from "../../test/support/webhook-receiver.ts";
import { MemoryRoster } from "../cluster/memory-roster.ts";
import { ActivityFeed } from "../core/activity.ts";
import type { AppRecord, Secret } from "../core/app.ts";
import { AppRegistry } from "../core/app-registry.ts";
import { defaultAppSettings } from "../core/app-settings.ts";
import type { Webhook } from "../core/webhook.ts";
import { unlockDataKeys } from "../storage/data-keys.ts";
import { KyselyAppStore } from "../storage/kysely-app-store.ts";
import { KyselyWebhookOutbox } from "../storage/kysely-webhook-outbox.ts";
import { KyselyWebhookStore } from "../storage/kysely-webhook-store.ts";
import { migrate } from "../storage/migrate.ts";
import { openDatabase } from "../storage/open-database.ts";
import type { Database } from "../storage/schema.ts";
import { TargetGuard } from "./target-guard.ts";
import type { WebhookLimits } from "./webhook-limits.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

const secret = "the active secret";
const pendingSecret = "the pending secret";
/** Only where a test is about it does a request run out of the fake clock's time. */
const patient: Partial<WebhookLimits> = { timeoutMs: 86_400_000 };

setDefaultTimeout(60_000);

let clock: FakeClock;
let dataDir: string;
let db: Database;
let apps: KyselyAppStore;
let store: KyselyWebhookStore;
let outbox: KyselyWebhookOutbox;
let activity: ActivityFeed;
let registry: AppRegistry;
let roster: MemoryRoster;
let webhooks: Webhooks;
const receivers: WebhookReceiver[] = [];

beforeEach(async () => {
  clock = new FakeClock();
  dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
  db = await openDatabase({ url: null, dataDir });
  await migrate(db);
  const keys = await unlockDataKeys(db, { value: null, dataDir }, 0);
  apps = new KyselyAppStore(db, keys);
  store = new KyselyWebhookStore(db, keys);
  outbox = new KyselyWebhookOutbox(db);
  activity = new ActivityFeed();
  registry = new AppRegistry(clock);
  roster = new MemoryRoster();
  for (const id of ["1", "2"]) await addApp(id, [secretOf("active", secret)]);
});

afterEach(async () => {
  await passUntil("webhooks to stop", webhooks.stop());
  for (const receiver of receivers.splice(0)) await receiver.stop();
  await db.destroy();
  rmSync(dataDir, { recursive: true });
});

test("each request to a receiver is told to those who watch the app", async () => {
  const receiver = await start();
  const told: unknown[] = [];
  activity.on("webhook_attempted", ({ durationMs: _, ...facts }) => told.push(facts));
  activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
  await arrive(receiver, 1);
  await passUntil(
    "it to be told",
    until("it to be told", () => told.length > 0),
  );
  expect(told).toEqual([
    expect.objectContaining({
      appId: "1",
      events: 1,
      status: 200,
      state: "delivered",
      type: "webhook_attempted",
    }),
  ]);
});

test("an event arrives as the stock SDKs and the Standard Webhooks library verify it", async () => {
  const receiver = await start();
  activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
  const [event] = await arrive(receiver, 1);
  expect(event).toEqual({ name: "channel_occupied", channel: "room" });
  const [request] = receiver.requests;
  expect(request?.headers["content-type"]).toBe("application/json");
  expect(request?.headers["x-pusher-key"]).toBe("key1");
  expect(request).toMatchObject({ isPusherValid: true, isStandardValid: true });
  expect(request?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
});

test("every type has Pusher's fields", async () => {
  const receiver = await start();
  const at = { appId: "1", channel: "presence-a" } as const;
  activity.emit({ type: "member_added", ...at, userId: "u" });
  activity.emit({ type: "cache_miss", ...at });
  activity.emit({ type: "subscription_count", ...at, subscriptionCount: 3 });
  activity.emit({ type: "client_event", ...at, event: "client-x", data: "{}", socketId: "1.2", userId: "u" });
  activity.emit({ type: "client_event", ...at, event: "client-y", data: "d", socketId: "1.2", userId: null });
  activity.emit({ type: "user_online", appId: "1", userId: "u" });
  const channel = "presence-a";
  const events = await arrive(receiver, 6);
  expect(events.filter((one) => one.channel === channel)).toEqual([
    { name: "member_added", channel, user_id: "u" },
    { name: "cache_miss", channel },
    { name: "subscription_count", channel, subscription_count: 3 },
    { name: "client_event", channel, event: "client-x", data: "{}", socket_id: "1.2", user_id: "u" },
    { name: "client_event", channel, event: "client-y", data: "d", socket_id: "1.2" },
  ]);
  expect(events).toContainEqual({ name: "user_online", user_id: "u" });
});

test("without batching each request holds one event, with it as many as are waiting", async () => {
  const single = await start();
  const batching = await addReceiver({ isBatching: true });
  for (let index = 0; index < 30; index += 1)
    activity.emit({ type: "channel_occupied", appId: "1", channel: `c${index}` });
  await arrive(single, 30);
  await arrive(batching, 30);
  expect(single.requests.every(({ events }) => events.length === 1)).toBe(true);
  expect(batching.requests).toHaveLength(1);
  expect(batching.requests[0]).toMatchObject({ isPusherValid: true, isStandardValid: true });
});

test("types and filters choose what a webhook hears", async () => {
  const receiver = await start({
    events: ["cache_miss"],
    filters: { prefix: ["cache-"], suffix: [], glob: ["*-eu-?"] },
  });
  for (const channel of ["cache-eu-1", "cache-us-1", "private-cache-eu-1", "cache-x-eu-2"]) {
    activity.emit({ type: "cache_miss", appId: "1", channel });
    activity.emit({ type: "channel_occupied", appId: "1", channel });
  }
  await arrive(receiver, 2);
  await clockPasses(10_000);
  expect(receiver.events().map(({ channel }) => channel)).toEqual(["cache-eu-1", "cache-x-eu-2"]);
});

test("an app's events never reach another app's webhook", async () => {
  const one = await start();
  const other = await addReceiver({ appId: "2" });
  activity.emit({ type: "channel_occupied", appId: "1", channel: "of-one" });
  activity.emit({ type: "channel_occupied", appId: "2", channel: "of-two" });
  await arrive(one, 1);
  await arrive(other, 1);
  expect(one.events().map(({ channel }) => channel)).toEqual(["of-one"]);
  expect(other.events().map(({ channel }) => channel)).toEqual(["of-two"]);
  expect(other.requests[0]?.headers["x-pusher-key"]).toBe("key2");
});

describe("departures", () => {
  test("who does not come back is told after three seconds", async () => {
    const receiver = await start();
    activity.emit({ type: "channel_vacated", appId: "1", channel: "room" });
    await clockPasses(2_900);
    expect(receiver.events()).toEqual([]);
    expect(await arrive(receiver, 1)).toEqual([{ name: "channel_vacated", channel: "room" }]);
  });

  test("a return within the delay cancels both", async () => {
    const receiver = await start();
    activity.emit({ type: "member_removed", appId: "1", channel: "presence-a", userId: "u" });
    activity.emit({ type: "channel_vacated", appId: "1", channel: "presence-a" });
    await clockPasses(1_000);
    activity.emit({ type: "channel_occupied", appId: "1", channel: "presence-a" });
    activity.emit({ type: "member_added", appId: "1", channel: "presence-a", userId: "u" });
    activity.emit({ type: "member_added", appId: "1", channel: "presence-a", userId: "v" });
    await arrive(receiver, 1);
    await clockPasses(10_000);
    expect(receiver.events()).toEqual([{ name: "member_added", channel: "presence-a", user_id: "v" }]);
  });

  test("a return in the same moment cancels both before anything is written", async () => {
    const receiver = await start();
    activity.emit({ type: "channel_vacated", appId: "1", channel: "room" });
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await clockPasses(10_000);
    expect(receiver.requests).toEqual([]);
  });

  test("a webhook that hears only channel_occupied does not hear of a return either", async () => {
    const receiver = await start({ events: ["channel_occupied"] });
    activity.emit({ type: "channel_vacated", appId: "1", channel: "room" });
    await clockPasses(1_000);
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await clockPasses(10_000);
    expect(receiver.requests).toEqual([]);
  });

  test("a departure that the roster contradicts is not told", async () => {
    const receiver = await start();
    await roster.join("1", "room", "1.1", null, 0);
    activity.emit({ type: "channel_vacated", appId: "1", channel: "room" });
    await clockPasses(10_000);
    expect(receiver.requests).toEqual([]);
  });

  test("a departure outlives a restart", async () => {
    const receiver = await start();
    activity.emit({ type: "channel_vacated", appId: "1", channel: "room" });
    await clockPasses(1_000);
    await passUntil("webhooks to stop", webhooks.stop());
    await startWebhooks();
    expect(await arrive(receiver, 1)).toEqual([{ name: "channel_vacated", channel: "room" }]);
  });
});

describe("failures", () => {
  test("a receiver that answers 500 hears the same message again until it takes it", async () => {
    let failures = 3;
    const receiver = await start({}, { answer: () => statusAnswer(failures-- > 0 ? 500 : 204) });
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await arrive(receiver, 1);
    expect(receiver.requests).toHaveLength(4);
    expect(new Set(receiver.requests.map(({ id }) => id)).size).toBe(1);
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
    expect(receiver.requests.every((one) => one.isPusherValid && one.isStandardValid)).toBe(true);
    await passUntil(
      "its record",
      until("a delivery", () => webhooks.figures.delivered === 1),
    );
    expect(webhooks.figures).toMatchObject({ failed: 3, retried: 3, dead: 0 });
  });

  test("a batch that failed goes out again with the same events", async () => {
    let failures = 1;
    const receiver = await start(
      { isBatching: true },
      { answer: () => statusAnswer(failures-- > 0 ? 500 : 200) },
    );
    activity.emit({ type: "channel_occupied", appId: "1", channel: "a" });
    activity.emit({ type: "channel_occupied", appId: "1", channel: "b" });
    await passUntil("the first try", receiver.inbox.next("the first try"));
    activity.emit({ type: "channel_occupied", appId: "1", channel: "c" });
    await arrive(receiver, 3);
    expect(receiver.requests[1]?.id).toBe(receiver.requests[0]?.id ?? "none");
    expect(receiver.requests[1]?.body).toBe(receiver.requests[0]?.body ?? "none");
    expect(receiver.events().map(({ channel }) => channel)).toEqual(["a", "b", "c"]);
  });

  test("a channel's events wait for the one that fails, another channel's do not", async () => {
    let failures = 2;
    const receiver = await start(
      {},
      { answer: ({ body }) => statusAnswer(body.includes("slow") && failures-- > 0 ? 500 : 200) },
    );
    for (const data of ["1", "2", "3"])
      for (const channel of ["private-slow", "private-fast"])
        activity.emit({
          ...{ type: "client_event", appId: "1", channel, data, userId: null },
          ...{ event: "client-x", socketId: "1.1" },
        });
    const events = await arrive(receiver, 6);
    const dataOf = (channel: string) =>
      events.filter((one) => one.channel === channel).map(({ data }) => data);
    expect(dataOf("private-slow")).toEqual(["1", "2", "3"]);
    expect(dataOf("private-fast")).toEqual(["1", "2", "3"]);
    expect(events.findIndex((one) => one.channel === "private-slow")).toBeGreaterThan(0);
  });

  test("after five minutes a message is given up, kept, and can be replayed by hand", async () => {
    let isDown = true;
    const receiver = await start({}, { answer: () => statusAnswer(isDown ? 503 : 200) });
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await passUntil(
      "the message to be given up",
      until("a dead letter", () => webhooks.figures.dead === 1),
      2_000,
    );
    expect(receiver.requests.length).toBeGreaterThan(5);
    const [dead] = await outbox.history("w1", { state: "dead", beforeSequence: null }, 10);
    expect(dead?.lastAttempt).toMatchObject({ status: 503, answer: "no" });
    isDown = false;
    expect(await outbox.replay("w1", dead?.id ?? "", clock.now())).toBe(true);
    await clockPasses(120_000, 1_000);
    await arrive(receiver, 1);
    expect(receiver.accepted[0]?.id).toBe(dead?.id ?? "none");
  });

  test("410 disables the webhook", async () => {
    const receiver = await start({}, { answer: () => statusAnswer(410) });
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await passUntil(
      "410 to be heard",
      until("disabled", async () => (await store.list())[0]?.isEnabled === false),
    );
    expect((await store.list())[0]?.disabledReason).toContain("410");
    activity.emit({ type: "channel_occupied", appId: "1", channel: "another" });
    await clockPasses(10_000);
    expect(receiver.requests).toHaveLength(1);
  });

  test("Retry-After is kept", async () => {
    let failures = 1;
    const atMs: number[] = [];
    const receiver = await start(
      {},
      {
        answer: () => {
          atMs.push(clock.now());
          return failures-- > 0
            ? new Response("", { status: 429, headers: { "retry-after": "100" } })
            : statusAnswer(200);
        },
      },
    );
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await arrive(receiver, 1, 2_000);
    expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThanOrEqual(99_000);
  });

  test("a redirect is a failure and is not followed", async () => {
    const elsewhere = await start();
    const receiver = await addReceiver({}, { answer: () => Response.redirect(elsewhere.url, 307) });
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await passUntil("the redirect", receiver.inbox.next("the redirect"));
    await arrive(elsewhere, 1);
    expect(elsewhere.requests).toHaveLength(1);
  });

  test("a dead receiver gets one request at a time, and delays no other", async () => {
    let isDown = true;
    let inFlight = 0;
    let inFlightMax = 0;
    const dead = await start(
      {},
      {
        answer: async () => {
          inFlight += 1;
          if (webhooks.figures.pausedWebhooks > 0) inFlightMax = Math.max(inFlightMax, inFlight);
          await Bun.sleep(0);
          inFlight -= 1;
          return statusAnswer(isDown ? 500 : 200);
        },
      },
    );
    const healthy = await addReceiver();
    for (let index = 0; index < 40; index += 1)
      activity.emit({ type: "channel_occupied", appId: "1", channel: `c${index}` });
    await arrive(healthy, 40);
    await passUntil(
      "the pause",
      until("a paused webhook", () => webhooks.figures.pausedWebhooks === 1),
    );
    await clockPasses(30_000);
    expect(inFlightMax).toBeLessThanOrEqual(1);
    isDown = false;
    await arrive(dead, 40, 500);
    expect(new Set(dead.accepted.map(({ id }) => id)).size).toBe(40);
  });

  test("an answer that never ends runs into the time-out", async () => {
    await start({}, { answer: () => new Promise<Response>(() => undefined) }, { timeoutMs: 4_000 });
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await passUntil(
      "the time-out",
      until("a failure", () => webhooks.figures.failed === 1),
    );
    const [pending] = await passUntil(
      "its record",
      until("an attempt", async () => {
        const history = await outbox.history("w1", { state: "pending", beforeSequence: null }, 1);
        return history[0]?.lastAttempt === null ? false : history;
      }),
    );
    expect(pending?.lastAttempt).toMatchObject({
      status: null,
      answer: "No complete answer within 4000 ms",
    });
  });
});

describe("a rotation", () => {
  test("the active secret signs first, and the pending one where that was not taken", async () => {
    registry.replace(appRecord("1", [secretOf("active", secret), secretOf("pending", pendingSecret)]));
    const receiver = await start(
      {},
      { secret: pendingSecret, answer: (one) => statusAnswer(one.isPusherValid ? 200 : 401) },
    );
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await arrive(receiver, 1);
    expect(receiver.requests.map(({ isPusherValid }) => isPusherValid)).toEqual([false, true]);
    expect(receiver.requests.every(({ isStandardValid }) => isStandardValid)).toBe(true);
    expect(receiver.requests[0]?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
  });

  test("a receiver with the old secret hears each message once", async () => {
    registry.replace(appRecord("1", [secretOf("active", secret), secretOf("pending", pendingSecret)]));
    const receiver = await start();
    activity.emit({ type: "channel_occupied", appId: "1", channel: "room" });
    await arrive(receiver, 1);
    await clockPasses(10_000);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe("limits", () => {
  test("what does not fit into memory is refused and counted, and the rest arrives", async () => {
    const receiver = await start({}, {}, { bufferedEventsMax: 5 });
    for (let index = 0; index < 8; index += 1)
      activity.emit({ type: "channel_occupied", appId: "1", channel: `c${index}` });
    expect(webhooks.figures.refused).toBe(3);
    await arrive(receiver, 5);
  });

  test("a webhook has no more waiting than it may", async () => {
    const receiver = await start({}, { answer: () => statusAnswer(500) }, { pendingPerWebhookMax: 10 });
    for (let index = 0; index < 30; index += 1)
      activity.emit({ type: "channel_occupied", appId: "1", channel: `c${index}` });
    await passUntil(
      "the refusals",
      until("20 refused", () => webhooks.figures.refused === 20),
    );
    await passUntil("a request", receiver.inbox.next("a request"));
    expect((await outbox.backlog())[0]?.pending).toBe(10);
  });

  test("deliveries that are done are deleted beyond the number that is kept", async () => {
    const receiver = await start({}, {}, { keptPerWebhookMax: 3 });
    for (let index = 0; index < 12; index += 1)
      activity.emit({ type: "channel_occupied", appId: "1", channel: `c${index}` });
    await arrive(receiver, 12);
    await clockPasses(120_000, 1_000);
    expect(await outbox.history("w1", { state: null, beforeSequence: null }, 100)).toHaveLength(3);
  });
});

test("nothing that was written is lost by a restart, and nothing delivered is repeated", async () => {
  let isDown = true;
  const receiver = await start({}, { answer: () => statusAnswer(isDown ? 500 : 200) });
  for (let index = 0; index < 50; index += 1)
    activity.emit({ type: "channel_occupied", appId: "1", channel: `c${index}` });
  await passUntil("webhooks to stop", webhooks.stop());
  isDown = false;
  await startWebhooks();
  await arrive(receiver, 50, 500);
  await clockPasses(10_000);
  expect(receiver.accepted).toHaveLength(50);
});

test("webhooks of the config file are kept in step with it", async () => {
  const receiver = await start();
  await passUntil("webhooks to stop", webhooks.stop());
  const configured = [{ url: `${receiver.url}/1`, events: ["cache_miss"], filters: { prefix: "a" } }];
  await startWebhooks({}, configured);
  const [made] = (await store.list()).filter(({ id }) => id !== "w1");
  expect(made).toMatchObject({ appId: "1", events: ["cache_miss"], filters: { prefix: ["a"] } });
  await passUntil("webhooks to stop", webhooks.stop());
  await startWebhooks({}, []);
  expect((await store.list()).map(({ id }) => id)).toEqual(["w1"]);
});

test("a test sends one signed event and tells what came back", async () => {
  const receiver = await start({}, { answer: () => new Response("hello", { status: 202 }) });
  const [webhook] = await store.list();
  if (webhook === undefined) throw new Error("no webhook");
  expect(await webhooks.test(webhook)).toMatchObject({ status: 202, answer: "hello" });
  expect(receiver.requests[0]).toMatchObject({ isPusherValid: true, isStandardValid: true });
});

async function start(
  webhook: Partial<Webhook> = {},
  receiver: Partial<ReceiverOptions> = {},
  limits: Partial<WebhookLimits> = {},
): Promise<WebhookReceiver> {
  const started = await addReceiver(webhook, receiver, false);
  await startWebhooks(limits);
  return started;
}

async function addReceiver(
  webhook: Partial<Webhook> = {},
  options: Partial<ReceiverOptions> = {},
  areRunning = true,
): Promise<WebhookReceiver> {
  const appId = webhook.appId ?? "1";
  const receiver = startWebhookReceiver({ key: `key${appId}`, secret, isClockReal: false, ...options });
  receivers.push(receiver);
  await store.create({ ...someWebhook, id: `w${receivers.length}`, url: receiver.url, ...webhook }, 10);
  if (areRunning) await webhooks.changed();
  return receiver;
}

async function startWebhooks(
  limits: Partial<WebhookLimits> = {},
  configured?: { url: string; events: string[]; filters?: Record<string, unknown> }[],
): Promise<void> {
  webhooks = createWebhooks({
    ...{ nodeId: "only", store, outbox, activity, registry, roster, clock },
    guard: new TargetGuard({ allow: ["127.0.0.0/8"], isHttpAllowed: true }),
    limits: { ...patient, ...limits },
    random: () => 1,
    ...(configured !== undefined && { configured: { appId: "1", webhooks: configured } }),
  });
  await webhooks.start();
}

/** Turns the clock while the world goes on, until the promise resolves. */
async function passUntil<T>(what: string, promise: Promise<T>, stepMs = 50): Promise<T> {
  let isDone = false;
  const done = promise.finally(() => {
    isDone = true;
  });
  await until(what, () => {
    clock.advance(stepMs);
    return isDone;
  });
  return done;
}

function arrive(receiver: WebhookReceiver, count: number, stepMs = 50) {
  return passUntil(`${count} events`, receiver.eventCount(count), stepMs);
}

/** So much time, in steps that let requests come and go in between. */
async function clockPasses(ms: number, stepMs = 100): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const someWebhook: Webhook = {
  id: "w1",
  appId: "1",
  url: "",
  events: [
    ...(["channel_occupied", "channel_vacated", "member_added", "member_removed", "client_event"] as const),
    ...(["cache_miss", "subscription_count", "user_online", "user_offline"] as const),
  ],
  filters: { prefix: [], suffix: [], glob: [] },
  headers: {},
  isBatching: false,
  isEnabled: true,
  disabledReason: null,
  createdAtMs: 0,
};

async function addApp(id: string, secrets: Secret[]): Promise<void> {
  const record = appRecord(id, secrets);
  await apps.create({ ...record, secrets: record.secrets.map((one) => ({ ...one, id: `${one.id}-${id}` })) });
  registry.replace(record);
}

function appRecord(id: string, secrets: Secret[]): AppRecord {
  return {
    ...{ id, key: `key${id}`, name: id, isEnabled: true, settings: defaultAppSettings },
    ...{ createdAtMs: 0, revision: 1, secrets },
  };
}

function secretOf(state: "active" | "pending", value: string): Secret {
  return {
    ...{ id: state, value, state, createdAtMs: 0, createdBy: "test" },
    ...{ activatedAtMs: null, revokedAtMs: null, lastUsed: {} },
  };
}

function statusAnswer(status: number): Response {
  return new Response(status === 204 ? null : status < 300 ? "yes" : "no", { status });
}
