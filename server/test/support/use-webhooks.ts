/** Webhooks over a database and a clock that the test advances, with receivers; each test has its own. */
import { afterEach, beforeEach, setDefaultTimeout } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { ActivityFeed } from "../../src/core/activity.ts";
import { AppRegistry } from "../../src/core/apps/app-registry.ts";
import type { AppSettings } from "../../src/core/apps/app-settings.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { Roster } from "../../src/core/ports/roster.ts";
import { type Webhook, webhookEventTypes } from "../../src/core/webhooks/webhook.ts";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import { openDatabase } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { migrate } from "../../src/storage/migrations/migrate.ts";
import { KyselyWebhookHistory } from "../../src/storage/webhooks/kysely-webhook-history.ts";
import { KyselyWebhookOutbox } from "../../src/storage/webhooks/kysely-webhook-outbox.ts";
import { KyselyWebhookStore } from "../../src/storage/webhooks/kysely-webhook-store.ts";
import { TargetGuard } from "../../src/webhooks/target-guard.ts";
import type { WebhookLimits } from "../../src/webhooks/webhook-limits.ts";
import { createWebhooks, type Webhooks, type WebhooksNeeds } from "../../src/webhooks/webhooks.ts";
import { appRecord, secretOf } from "./app-record.ts";
import { FakeClock } from "./fakes/fake-clock.ts";
import { memoryCluster } from "./fakes/memory-cluster.ts";
import { RecordedLine } from "./fakes/recorded-line.ts";
import { someWebhook } from "./fakes/some-webhook.ts";
import { until } from "./until.ts";
import { type ReceiverOptions, startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

const secret = "the active secret";
const testTimeoutMs = 60_000;
/** Requests reach the time limit of the fake clock only in tests about it. */
const patient: Partial<WebhookLimits> = { timeoutMs: 86_400_000 };

interface ConfiguredWebhook {
  readonly url: string;
  readonly events: string[];
  readonly filters?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

export class WebhooksUnderTest {
  readonly clock = new FakeClock();
  readonly activity = new ActivityFeed();
  readonly registry = new AppRegistry(this.clock);
  readonly roster = quietRoster(this.clock);
  readonly store: KyselyWebhookStore;
  readonly outbox: KyselyWebhookOutbox;
  readonly history: KyselyWebhookHistory;
  readonly #db: Database;
  readonly #dataDir: string;
  readonly #receivers: WebhookReceiver[] = [];
  #webhooks: Webhooks | null = null;

  private constructor(db: Database, dataDir: string, store: KyselyWebhookStore) {
    this.#db = db;
    this.#dataDir = dataDir;
    this.store = store;
    const now = () => sql<number>`${sql.lit(this.clock.now())}`;
    this.outbox = new KyselyWebhookOutbox(db, now);
    this.history = new KyselyWebhookHistory(db, now);
  }

  /** Apps 1 and 2 exist, and nothing runs yet. */
  static async open(): Promise<WebhooksUnderTest> {
    const dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
    const db = await openDatabase({ url: null, dataDir });
    await migrate(db);
    const keys = await unlockDataKeys(db, { value: null, dataDir }, 0);
    const apps = new KyselyAppStore(db, keys);
    const opened = new WebhooksUnderTest(db, dataDir, new KyselyWebhookStore(db, keys));
    for (const id of ["1", "2"]) {
      const record = appRecord(id, [secretOf("active", secret)]);
      const secrets = record.secrets.map((one) => ({ ...one, id: `${one.id}-${id}` }));
      await apps.create({ ...record, secrets });
      opened.registry.replace(record);
    }
    return opened;
  }

  get webhooks(): Webhooks {
    if (this.#webhooks === null) throw new Error("The webhooks were not started");
    return this.#webhooks;
  }

  changeSettings(appId: string, settings: Partial<AppSettings>): void {
    const record = appRecord(appId, [secretOf("active", secret)]);
    this.registry.replace({ ...record, settings: { ...record.settings, ...settings } });
  }

  /** Creates one webhook with its receiver, and starts the webhooks. */
  async start(
    webhook: Partial<Webhook> = {},
    receiver: Partial<ReceiverOptions> = {},
    limits: Partial<WebhookLimits> = {},
  ): Promise<WebhookReceiver> {
    const started = await this.addUnnoticed(webhook, receiver);
    await this.startWebhooks(limits);
    return started;
  }

  async startWebhooks(
    limits: Partial<WebhookLimits> = {},
    configured?: readonly ConfiguredWebhook[],
  ): Promise<void> {
    const { activity, clock } = this;
    this.#webhooks = this.#create({
      nodeId: "only",
      activity,
      clock,
      limits: { ...patient, ...limits },
      ...(configured !== undefined && { configured: { appId: "1", webhooks: configured } }),
    });
    await this.#webhooks.start();
  }

  /** Starts another node over the same database, which the test stops. */
  async startNode(nodeId: string, clock: Clock, activity = new ActivityFeed()): Promise<Webhooks> {
    const webhooks = this.#create({ nodeId, activity, clock, limits: patient });
    await webhooks.start();
    return webhooks;
  }

  #create(own: Pick<WebhooksNeeds, "nodeId" | "activity" | "clock" | "limits" | "configured">): Webhooks {
    const { store, outbox, registry, roster } = this;
    return createWebhooks({
      store,
      outbox,
      registry,
      roster,
      random: () => 1,
      ...own,
      guard: new TargetGuard({ allow: ["127.0.0.0/8"], isHttpAllowed: true }),
    });
  }

  async stopWebhooks(): Promise<void> {
    await this.passUntil("webhooks to stop", this.webhooks.stop());
  }

  async addReceiver(
    webhook: Partial<Webhook> = {},
    options: Partial<ReceiverOptions> = {},
  ): Promise<WebhookReceiver> {
    const receiver = await this.addUnnoticed(webhook, options);
    await this.webhooks.changed();
    return receiver;
  }

  /** Adds a webhook like another process: the running webhooks are not notified. */
  async addUnnoticed(
    webhook: Partial<Webhook> = {},
    options: Partial<ReceiverOptions> = {},
  ): Promise<WebhookReceiver> {
    const key = `key${webhook.appId ?? "1"}`;
    const receiver = startWebhookReceiver({ key, secret, isClockReal: false, ...options });
    const id = `w${this.#receivers.push(receiver)}`;
    await this.store.create(
      { ...someWebhook, id, url: receiver.url, events: webhookEventTypes, ...webhook },
      100,
    );
    return receiver;
  }

  /** Advances the clock until the promise resolves, while requests continue. */
  async passUntil<T>(what: string, promise: Promise<T>, step: number | (() => number) = 50): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => {
      isDone = true;
    });
    await until(what, () => {
      this.clock.advance(typeof step === "number" ? step : step());
      return isDone;
    });
    return done;
  }

  /** Like `passUntil`, but no time passes during a request: how long it takes depends on the machine. */
  passBetweenRequests<T>(what: string, promise: Promise<T>, stepMs: number): Promise<T> {
    return this.passUntil(what, promise, () => (this.webhooks.figures.requestsInFlight > 0 ? 0 : stepMs));
  }

  arrive(receiver: WebhookReceiver, count: number, stepMs = 50) {
    return this.passUntil(`${count} events`, receiver.eventCount(count), stepMs);
  }

  /** Advances the clock in steps, so that requests can run in between. */
  async clockPasses(ms: number, stepMs = 100): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      this.clock.advance(stepMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    if (this.#webhooks !== null) await this.stopWebhooks();
    for (const receiver of this.#receivers) await receiver.stop();
    await this.#db.destroy();
    rmSync(this.#dataDir, { recursive: true });
  }
}

/** Creates a new stage before each test, and closes it after the test. */
export function useWebhooks(begin: (stage: WebhooksUnderTest) => void): void {
  setDefaultTimeout(testTimeoutMs);
  let stage: WebhooksUnderTest | null = null;
  beforeEach(async () => {
    stage = await WebhooksUnderTest.open();
    begin(stage);
  });
  afterEach(() => stage?.close());
}

export function statusAnswer(status: number): Response {
  return new Response(status === 204 ? null : status < 300 ? "yes" : "no", { status });
}

/** A roster whose entries have no listener. */
function quietRoster(clock: FakeClock): Roster {
  const { broker, roster } = memoryCluster(clock);
  broker.listen(new RecordedLine());
  return roster;
}
