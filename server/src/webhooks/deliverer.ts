/** Delivers what is due, where this node is the one that does: a queue for each webhook, looked at every tick. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Roster } from "../core/ports/roster.ts";
import type { Circuit } from "../core/ports/webhook-desk.ts";
import {
  type Backlog,
  type Departure,
  OutboxContention,
  type WebhookOutbox,
} from "../core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import type { WebhookEventType } from "../core/webhook.ts";
import type { WebhookFigures } from "../core/webhook-figures.ts";
import type { EventCollector } from "./event-collector.ts";
import { OutcomeRecorder } from "./outcome-recorder.ts";
import type { Send } from "./sender.ts";
import type { WebhookDirectory } from "./webhook-directory.ts";
import type { WebhookLimits } from "./webhook-limits.ts";
import type { WebhookLog } from "./webhook-log.ts";
import { WebhookQueue } from "./webhook-queue.ts";

const departuresPerRelease = 500;

export interface DelivererNeeds {
  /** Names this process among those that share the database. */
  readonly nodeId: string;
  readonly store: WebhookStore;
  readonly outbox: WebhookOutbox;
  readonly activity: ActivityFeed;
  readonly directory: WebhookDirectory;
  readonly collector: EventCollector;
  readonly roster: Pick<Roster, "counts" | "members" | "onlineUsers">;
  readonly send: Send;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: WebhookLimits;
  readonly figures: WebhookFigures;
  readonly log: WebhookLog;
}

export class Deliverer {
  readonly #needs: DelivererNeeds;
  readonly #recorder: OutcomeRecorder;
  readonly #queues = new Map<string, WebhookQueue>();
  #requests = 0;
  #isOutboxAway = false;
  #leasedUntilMs = 0;
  #renewAtMs = 0;
  #lookedAtMs = 0;
  #sweepAtMs = 0;
  #isStopped = false;
  #isResting = false;
  #ticking: Promise<void> = Promise.resolve();
  #cancelTick: () => void = () => undefined;

  constructor(needs: DelivererNeeds) {
    this.#needs = needs;
    this.#recorder = new OutcomeRecorder(needs);
  }

  /** Ticks from now on. */
  async start(): Promise<void> {
    const { log, directory, figures, limits } = this.#needs;
    this.#isResting = false;
    this.#ticking = this.#tick().then(
      () => {
        this.#isOutboxAway = false;
      },
      (error) => {
        // Told once, not with every tick until it is back.
        if (!this.#isOutboxAway)
          log.error({ err: error }, "The outbox of webhooks cannot be read; trying again");
        this.#isOutboxAway = true;
      },
    );
    await this.#ticking;
    if (this.#isStopped) return;
    // With no webhook and nothing waiting, only another process could bring something unnoticed.
    this.#isResting = directory.isEmpty && figures.pending === 0;
    this.#tickAfter(this.#isResting ? limits.restMs : limits.tickMs);
  }

  /** The webhooks are others now: a rest is over. */
  webhooksChanged(): void {
    if (!this.#isResting || this.#isStopped) return;
    this.#isResting = false;
    this.#cancelTick();
    this.#tickAfter(this.#needs.limits.tickMs);
  }

  /** What is under way is waited for; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTick();
    this.#recorder.stop();
    await this.#ticking;
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
    await this.#needs.outbox.endLease(this.#needs.nodeId);
  }

  wake(webhookId: string): void {
    if (this.#isDelivering) this.#queue(webhookId).wake();
  }

  /** As `wake`, and the webhook is tried however it failed before. */
  tryNow(webhookId: string): void {
    if (this.#isDelivering) this.#queue(webhookId).tryNow();
  }

  /** Null where another node delivers. */
  circuit(webhookId: string): Circuit | null {
    if (!this.#isDelivering) return null;
    return this.#queues.get(webhookId)?.circuit ?? { failuresInARow: 0, isPaused: false, pausedUntilMs: 0 };
  }

  get #isDelivering(): boolean {
    return !this.#isStopped && this.#needs.clock.now() < this.#leasedUntilMs;
  }

  #tickAfter(delayMs: number): void {
    this.#cancelTick = this.#needs.clock.after(delayMs, () => void this.start());
  }

  async #tick(): Promise<void> {
    const { outbox, directory, clock } = this.#needs;
    const nowMs = clock.now();
    // The clock was set back, and what was planned by it would come late.
    if (nowMs < this.#lookedAtMs) this.#renewAtMs = this.#sweepAtMs = 0;
    this.#lookedAtMs = nowMs;
    await this.#renewLease();
    await directory.refresh();
    if (this.#isDelivering) await this.#releaseDepartures();
    const backlog = await outbox.backlog();
    this.#note(backlog);
    if (!this.#isDelivering) return;
    for (const one of backlog) {
      await this.#giveUpWhereHopeless(one);
      if (one.nextDueAtMs <= clock.now()) this.#queue(one.webhookId).wake();
    }
    await this.#sweep();
  }

  async #renewLease(): Promise<void> {
    const { outbox, clock, limits, nodeId } = this.#needs;
    const nowMs = clock.now();
    if (nowMs < this.#renewAtMs) return;
    const untilMs = nowMs + limits.leaseMs;
    const isMine = await outbox.lease(nodeId, nowMs, untilMs);
    this.#leasedUntilMs = isMine ? untilMs : 0;
    this.#renewAtMs = isMine ? nowMs + limits.leaseMs / 3 : nowMs + limits.tickMs;
  }

  /** Nothing waits for longer than it can have been planned to, though the clock was another then. */
  async #bringForward(): Promise<void> {
    const { outbox, clock, limits } = this.#needs;
    const nowMs = clock.now();
    // No retry is later than the end of its window, whatever rest the receiver asked for.
    const deliveriesMs = nowMs + limits.retryWindowMs;
    await outbox.bringForward({ deliveriesMs, departuresMs: nowMs + limits.departureDelayMs });
    for (const queue of this.#queues.values()) queue.bringForward(deliveriesMs);
  }

  #note(backlog: readonly Backlog[]): void {
    const { directory, figures } = this.#needs;
    directory.noteBacklog(backlog);
    figures.pending = backlog.reduce((sum, { pending }) => sum + pending, 0);
    figures.oldestPendingAtMs =
      backlog.length === 0 ? null : Math.min(...backlog.map(({ oldestAtMs }) => oldestAtMs));
    figures.pausedWebhooks = [...this.#queues.values()].filter(({ isPaused }) => isPaused).length;
  }

  /** Departures whose time is up become events, where nobody came back by way of another node. */
  async #releaseDepartures(): Promise<void> {
    const { outbox, clock, collector, log } = this.#needs;
    for (;;) {
      const departures = await outbox.dueDepartures(clock.now(), departuresPerRelease);
      if (departures.length === 0) return;
      const areGone = await Promise.all(departures.map((one) => this.#isGone(one)));
      const deliveries = departures
        .filter((_, index) => areGone[index])
        .flatMap(({ appId, type, channel, event, createdAtMs }) =>
          collector.deliveriesOf({
            ...{ appId, type: type as WebhookEventType, json: event, atMs: createdAtMs },
            channel: channel === "" ? null : channel,
          }),
        );
      try {
        await outbox.release(
          departures.map(({ key }) => key),
          deliveries,
        );
      } catch (error) {
        if (!(error instanceof OutboxContention)) throw error;
        log.info({}, "Somebody came back while their departure was about to be told");
      }
      if (departures.length < departuresPerRelease) return;
    }
  }

  async #isGone({ appId, type, channel, userId }: Departure): Promise<boolean> {
    const { roster } = this.#needs;
    if (type === "channel_vacated") return (await roster.counts(appId, channel)).subscriptionCount === 0;
    if (userId === null) return true;
    if (type === "member_removed")
      return !(await roster.members(appId, channel)).some((member) => member.userId === userId);
    return !(await roster.onlineUsers(appId, [userId])).has(userId);
  }

  /** Where nothing is sent, nothing fails, so what waits would wait for ever. */
  async #giveUpWhereHopeless({ webhookId, oldestAtMs }: Backlog): Promise<void> {
    const { outbox, directory, clock, limits, figures } = this.#needs;
    const beforeMs = clock.now() - limits.retryWindowMs;
    if (oldestAtMs >= beforeMs) return;
    const webhook = directory.find(webhookId);
    const isSending = webhook?.isEnabled === true && this.#queues.get(webhookId)?.isPaused !== true;
    if (isSending) return;
    const answer =
      webhook?.isEnabled === true ? "The webhook fails and is paused" : "The webhook is disabled";
    const attempt = { atMs: clock.now(), durationMs: 0, status: null, answer };
    figures.dead += await outbox.expire(webhookId, beforeMs, attempt);
    this.#queues.get(webhookId)?.forget();
  }

  async #sweep(): Promise<void> {
    const { outbox, clock, limits, directory } = this.#needs;
    const nowMs = clock.now();
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + limits.sweepIntervalMs;
    await this.#bringForward();
    for (const webhookId of this.#queues.keys())
      if (directory.find(webhookId) === null) this.#queues.delete(webhookId);
    await outbox.sweep({
      deliveredBeforeMs: nowMs - limits.deliveredRetentionMs,
      deadBeforeMs: nowMs - limits.deadRetentionMs,
      keptPerWebhookMax: limits.keptPerWebhookMax,
    });
  }

  #queue(webhookId: string): WebhookQueue {
    const known = this.#queues.get(webhookId);
    if (known !== undefined) return known;
    const { outbox, activity, send, clock, limits, figures, log, random, directory } = this.#needs;
    const queue = new WebhookQueue({
      ...{ outbox, activity, send, clock, limits, figures, log, random, recorder: this.#recorder },
      takeSlot: () => this.#takeSlot(),
      giveSlot: () => this.#giveSlot(),
      webhook: () => directory.find(webhookId),
      onGone: () => this.#disable(webhookId),
    });
    this.#queues.set(webhookId, queue);
    return queue;
  }

  #takeSlot(): boolean {
    if (!this.#isDelivering || this.#requests >= this.#needs.limits.requestsMax) return false;
    this.#requests += 1;
    return true;
  }

  #giveSlot(): void {
    const wasFull = this.#requests === this.#needs.limits.requestsMax;
    this.#requests -= 1;
    // The others are looked at in a moment, so that one busy webhook does not take every slot that it frees.
    if (wasFull) queueMicrotask(() => this.#pumpAll());
  }

  #pumpAll(): void {
    for (const queue of this.#queues.values()) queue.pump();
  }

  async #disable(webhookId: string): Promise<void> {
    const { store, directory, log } = this.#needs;
    const webhook = directory.find(webhookId);
    if (webhook === null) return;
    log.warn({ webhookId }, "The receiver answered 410 Gone: the webhook is disabled");
    const disabledReason = "The receiver answered 410 Gone";
    await store.save({ ...webhook, isEnabled: false, disabledReason });
    await directory.refresh();
  }
}
