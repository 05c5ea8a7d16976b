/** Delivers due events on the node that has the lease. It has one queue per webhook and reads the outbox every tick. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Circuit } from "../core/ports/webhook-control.ts";
import { LeaseLost, type WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import type { Webhook } from "../core/webhooks/webhook.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import type { DeliveryLease } from "./delivery-lease.ts";
import { OutboxUpkeep } from "./outbox-upkeep.ts";
import { OutcomeRecorder } from "./outcome-recorder.ts";
import type { PendingCounts } from "./pending-counts.ts";
import type { RequestTurns } from "./request-turns.ts";
import type { Send } from "./sender.ts";
import type { SettleDepartures } from "./settle-departures.ts";
import type { WebhookDirectory } from "./webhook-directory.ts";
import type { WebhookLimits } from "./webhook-limits.ts";
import type { WebhookLog } from "./webhook-log.ts";
import { WebhookQueue } from "./webhook-queue.ts";

export interface DelivererNeeds {
  readonly store: WebhookStore;
  readonly outbox: WebhookOutbox;
  readonly activity: ActivityFeed;
  readonly directory: WebhookDirectory;
  readonly lease: DeliveryLease;
  readonly pending: PendingCounts;
  readonly turns: RequestTurns;
  readonly settleDepartures: SettleDepartures;
  readonly send: Send;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: WebhookLimits;
  readonly figures: WebhookFigures;
  readonly log: WebhookLog;
}

const noFailures: Circuit = { failuresInARow: 0, isPaused: false, pausedUntilMs: 0 };

export class Deliverer {
  readonly #needs: DelivererNeeds;
  readonly #recorder: OutcomeRecorder;
  readonly #upkeep: OutboxUpkeep;
  readonly #queues = new Map<string, WebhookQueue>();
  #isOutboxUnreachable = false;
  #lookedAtMs = 0;
  /** When the outbox was last read. */
  #wholeTickAtMs = 0;
  #isStopped = false;
  #isResting = false;
  #ticking: Promise<void> = Promise.resolve();
  #cancelTick: () => void = () => undefined;

  constructor(needs: DelivererNeeds) {
    this.#needs = needs;
    this.#recorder = new OutcomeRecorder(needs);
    this.#upkeep = new OutboxUpkeep(needs, this.#queues);
  }

  /** Reads the outbox now and after every tick. */
  async start(): Promise<void> {
    const { directory, figures, limits } = this.#needs;
    const ticking = this.#isResting ? this.#tickAtRest() : this.#tick();
    this.#isResting = false;
    this.#ticking = ticking.then(
      () => {
        this.#isOutboxUnreachable = false;
      },
      (error) => this.#recover(error),
    );
    await this.#ticking;
    if (this.#isStopped) return;
    // Without webhooks and pending deliveries, only another process could add deliveries without notice.
    this.#isResting = directory.isEmpty && figures.pending === 0;
    this.#tickAfter(this.#isResting ? limits.restMs : limits.tickMs);
  }

  /** Call it when webhooks changed: ends a pause of reading the outbox, and assigns deliveries to lanes again. */
  webhooksChanged(): void {
    if (this.#isStopped) return;
    for (const queue of this.#queues.values()) queue.reload();
    if (!this.#isResting) return;
    this.#isResting = false;
    this.#cancelTick();
    this.#tickAfter(0);
  }

  /** Waits for the requests in progress. The rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTick();
    this.#recorder.stop();
    await this.#ticking;
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
    await this.#needs.lease.end();
  }

  /** Call it when the webhook may have a due delivery. */
  wake(webhookId: string): void {
    if (this.#token !== null) this.#queue(webhookId)?.wake();
  }

  /** Like `wake`, but ignores earlier failures. */
  tryNow(webhookId: string): void {
    if (this.#token !== null) this.#queue(webhookId)?.tryNow();
  }

  /** Null if another node delivers. */
  circuit(webhookId: string): Circuit | null {
    return this.#token === null ? null : (this.#queues.get(webhookId)?.circuit ?? noFailures);
  }

  get #token(): number | null {
    return this.#isStopped ? null : this.#needs.lease.token;
  }

  #tickAfter(delayMs: number): void {
    this.#cancelTick = this.#needs.clock.after(delayMs, () => void this.start());
  }

  /**
   * The tick while there are no webhooks. There is work only if another process creates a webhook. Otherwise a complete tick
   * runs every ten minutes, because each one renews the lease, which is a write to the disk, and reads all tables of the outbox.
   */
  async #tickAtRest(): Promise<void> {
    const { directory, clock, limits } = this.#needs;
    await directory.refresh();
    const passedMs = Math.abs(clock.now() - this.#wholeTickAtMs);
    if (!directory.isEmpty || passedMs >= limits.restSweepMs) await this.#tick();
  }

  async #tick(): Promise<void> {
    const { outbox, directory, lease, settleDepartures, clock } = this.#needs;
    this.#wholeTickAtMs = clock.now();
    this.#noticeSetBackClock();
    // Before the next read, which may fail.
    if (await lease.renew()) {
      for (const queue of this.#queues.values()) queue.takeOver();
      this.#upkeep.runSoon();
    }
    await directory.refresh();
    if (this.#token !== null) await settleDepartures(this.#token);
    await this.#upkeep.count(this.#token);
    if (this.#token === null) return;
    for (const webhookId of await outbox.webhooksWithPending()) this.wake(webhookId);
    await this.#upkeep.sweep(this.#token);
  }

  /** Replans everything: times planned by the old clock would be too late. */
  #noticeSetBackClock(): void {
    const nowMs = this.#needs.clock.now();
    if (nowMs < this.#lookedAtMs) {
      this.#needs.lease.doubt();
      this.#upkeep.runSoon();
    }
    this.#lookedAtMs = nowMs;
  }

  #recover(error: unknown): void {
    if (error instanceof LeaseLost) {
      this.#loseLease();
      return;
    }
    // Log once, not on every tick until the database is back.
    if (!this.#isOutboxUnreachable)
      this.#needs.log.error({ err: error }, "The webhook outbox cannot be read; retrying");
    this.#isOutboxUnreachable = true;
  }

  #loseLease(): void {
    const { lease, log } = this.#needs;
    if (lease.token !== null) log.info({}, "Another node has taken over the delivery of webhooks");
    lease.lose();
  }

  /** Null if the webhook does not exist. */
  #queue(webhookId: string): WebhookQueue | null {
    const known = this.#queues.get(webhookId);
    if (known !== undefined) return known;
    const { outbox, activity, send, clock, limits, log, random, directory, turns } = this.#needs;
    const webhook = directory.find(webhookId);
    if (webhook === null) return null;
    const queue: WebhookQueue = new WebhookQueue(webhook.appId, {
      outbox,
      activity,
      send,
      clock,
      limits,
      log,
      random,
      recorder: this.#recorder,
      webhook: () => directory.find(webhookId),
      token: () => this.#token,
      askForTurn: () => turns.ask(queue),
      endTurn: () => turns.end(webhook.appId),
      onLeaseLost: () => this.#loseLease(),
      onGone: (gone) => this.#disable(gone),
    });
    this.#queues.set(webhookId, queue);
    return queue;
  }

  async #disable(gone: Webhook): Promise<void> {
    const { store, directory, log } = this.#needs;
    const { appId, id: webhookId } = gone;
    if (await store.disable(gone, "The receiver answered 410 Gone"))
      log.warn({ appId, webhookId }, "The receiver answered 410 Gone: the webhook is disabled");
    await directory.refresh();
  }
}
