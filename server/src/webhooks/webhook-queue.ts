/** Delivers to one webhook: in order in each lane, several lanes at once, one request at a time while it fails. */
import { randomBytes } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Circuit } from "../core/ports/webhook-desk.ts";
import type { PendingDelivery, WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { Webhook } from "../core/webhook.ts";
import type { WebhookFigures } from "../core/webhook-figures.ts";
import type { OutcomeRecorder } from "./outcome-recorder.ts";
import { backoffMs, judge, type Verdict } from "./retry-schedule.ts";
import type { Send } from "./sender.ts";
import type { WebhookLimits } from "./webhook-limits.ts";
import type { WebhookLog } from "./webhook-log.ts";

const rowsPerLoad = 200;
const databasePauseMs = 1_000;

/** A channel, or null for the whole webhook: what goes out in batches is one lane. */
type LaneName = string | null;

export interface QueueNeeds {
  readonly outbox: WebhookOutbox;
  readonly activity: ActivityFeed;
  readonly recorder: OutcomeRecorder;
  readonly send: Send;
  readonly clock: Clock;
  readonly limits: WebhookLimits;
  readonly figures: WebhookFigures;
  readonly log: WebhookLog;
  readonly random: () => number;
  /** Takes one of the requests that all webhooks share; false where none is left. */
  readonly takeSlot: () => boolean;
  readonly giveSlot: () => void;
  /** Null where it was deleted. */
  readonly webhook: () => Webhook | null;
  /** The receiver answered 410. */
  readonly onGone: () => Promise<void>;
}

export class WebhookQueue {
  readonly #needs: QueueNeeds;
  /** Due and not begun, in order. */
  #loaded: PendingDelivery[] = [];
  #mayHaveMore = true;
  #isLoading = false;
  #isStopped = false;
  readonly #busy = new Set<LaneName>();
  readonly #running = new Set<Promise<void>>();
  readonly #blockedUntilMs = new Map<LaneName, number>();
  /** Counts what was finished: rows that were read meanwhile may be out of date. */
  #finished = 0;
  #failuresInARow = 0;
  #pausedUntilMs = 0;
  #isOutboxFailing = false;

  constructor(needs: QueueNeeds) {
    this.#needs = needs;
  }

  /** So many failures in a row that only one request is tried now and then. */
  get isPaused(): boolean {
    return this.#failuresInARow >= this.#needs.limits.failuresBeforePause;
  }

  get circuit(): Circuit {
    const { isPaused } = this;
    return { failuresInARow: this.#failuresInARow, isPaused, pausedUntilMs: this.#pausedUntilMs };
  }

  /** There may be something due. */
  wake(): void {
    this.#mayHaveMore = true;
    this.pump();
  }

  /** Somebody may have mended the receiver: no rest for it. */
  tryNow(): void {
    this.#pausedUntilMs = 0;
    this.wake();
  }

  /** Nothing waits for longer than until then: the clock by which it was planned was set back. */
  bringForward(untilMsMax: number): void {
    this.#pausedUntilMs = Math.min(this.#pausedUntilMs, untilMsMax);
    for (const [lane, untilMs] of this.#blockedUntilMs)
      this.#blockedUntilMs.set(lane, Math.min(untilMs, untilMsMax));
  }

  /** What is loaded was given up, or may have been. */
  forget(): void {
    this.#loaded = [];
    this.#mayHaveMore = true;
    this.#finished += 1;
  }

  /** Begins what may begin. */
  pump(): void {
    const { limits, clock, takeSlot, giveSlot } = this.#needs;
    const webhook = this.#needs.webhook();
    if (this.#isStopped || webhook === null || !webhook.isEnabled) return;
    const requestsMax = this.#failuresInARow > 0 ? 1 : limits.requestsPerWebhookMax;
    while (clock.now() >= this.#pausedUntilMs && this.#running.size < requestsMax) {
      if (this.#loaded.length === 0) {
        this.#load(webhook);
        return;
      }
      if (!takeSlot()) return;
      const next = this.#takeNext(webhook);
      if (next === null) {
        giveSlot();
        return;
      }
      this.#begin(webhook, next.lane, next.rows);
    }
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  #load(webhook: Webhook): void {
    if (this.#isLoading || !this.#mayHaveMore) return;
    this.#isLoading = true;
    this.#mayHaveMore = false;
    this.#readDue(webhook).then(
      (rows) => {
        this.#isLoading = false;
        // Where all of them wait for a busy lane there is nothing to begin, and its end pumps: asking on would never end.
        if (rows.length === 0 || rows.some((row) => this.#isFree(laneOf(webhook, row)))) this.pump();
      },
      (error) => {
        this.#isLoading = false;
        this.#restAfter(error);
      },
    );
  }

  /** Answers what it read; nothing where that was out of date by then. */
  async #readDue(webhook: Webhook): Promise<readonly PendingDelivery[]> {
    const { outbox, clock } = this.#needs;
    const finished = this.#finished;
    const rows = await outbox.due(webhook.id, clock.now(), rowsPerLoad);
    if (finished !== this.#finished) {
      this.#mayHaveMore = true;
      return [];
    }
    if (rows.length === rowsPerLoad) this.#mayHaveMore = true;
    for (const [lane, untilMs] of this.#blockedUntilMs)
      if (untilMs <= clock.now()) this.#blockedUntilMs.delete(lane);
    const late = new Map<LaneName, number>();
    this.#loaded = rows.filter((row) => {
      const lane = laneOf(webhook, row);
      if (!this.#isFree(lane)) return false;
      const untilMs = this.#blockedUntilMs.get(lane) ?? 0;
      if (untilMs > clock.now()) late.set(lane, untilMs);
      return untilMs <= clock.now();
    });
    // Written while their lane was waiting for a retry: they wait too.
    for (const [channel, untilMs] of late) await outbox.postpone({ webhookId: webhook.id, channel }, untilMs);
    return rows;
  }

  #takeNext(webhook: Webhook): { lane: LaneName; rows: PendingDelivery[] } | null {
    for (const [index, row] of this.#loaded.entries()) {
      const lane = laneOf(webhook, row);
      if (this.#isFree(lane)) return { lane, rows: this.#cut(index, lane) };
      // Nothing overtakes what concerns every lane.
      if (lane === null) return null;
    }
    return null;
  }

  /** Takes a row out of the loaded ones, or several that may go out together. */
  #cut(index: number, lane: LaneName): PendingDelivery[] {
    const [first] = this.#loaded.slice(index, index + 1);
    if (first === undefined) return [];
    if (lane !== null) return this.#loaded.splice(index, 1);
    if (first.messageId !== null) {
      this.#loaded = this.#loaded.filter(({ messageId }) => messageId !== first.messageId);
      return [first];
    }
    const { eventsPerRequestMax, requestBytesMax } = this.#needs.limits;
    let bytes = 0;
    let length = 0;
    for (const { messageId, event } of this.#loaded) {
      bytes += Buffer.byteLength(event);
      const isTooMuch = length === eventsPerRequestMax || bytes > requestBytesMax;
      if (messageId !== null || (length > 0 && isTooMuch)) break;
      length += 1;
    }
    return this.#loaded.splice(0, length);
  }

  #begin(webhook: Webhook, lane: LaneName, rows: PendingDelivery[]): void {
    this.#busy.add(lane);
    const running = this.#deliver(webhook, lane, rows)
      .catch((error) => this.#restAfter(error))
      .finally(() => {
        this.#busy.delete(lane);
        this.#running.delete(running);
        this.#needs.giveSlot();
        this.pump();
      });
    this.#running.add(running);
  }

  async #deliver(webhook: Webhook, lane: LaneName, taken: PendingDelivery[]): Promise<void> {
    const { send, clock, limits, random, recorder, activity, onGone } = this.#needs;
    const { id, rows } = await this.#toMessage(lane, taken);
    const [first] = rows;
    if (first === undefined) return; // given up in the meantime
    const timeMs = Math.max(...rows.map(({ createdAtMs }) => createdAtMs));
    const message = { id, timeMs, events: rows.map(({ event }) => event) };
    const { attempt, answer, hasOtherSignature } = await send(webhook, message, first.attempts);
    const { queuedAtMs } = first;
    const tried = { attempts: first.attempts + 1, queuedAtMs, nowMs: clock.now(), answer, hasOtherSignature };
    const verdict = judge(tried, limits, random);
    const deliveryIds = rows.map((row) => row.id);
    const retry =
      verdict.state === "pending"
        ? { atMs: verdict.retryAtMs, lane: { webhookId: webhook.id, channel: lane } }
        : null;
    await recorder.record({ deliveryIds, state: verdict.state, attempt, retry });
    this.#isOutboxFailing = false;
    this.#learn(webhook, lane, verdict, rows.length);
    activity.emit({
      type: "webhook_attempted",
      appId: webhook.appId,
      webhookId: webhook.id,
      events: rows.length,
      status: attempt.status,
      state: verdict.state,
      durationMs: attempt.durationMs,
    });
    if (answer?.status === 410) await onGone();
  }

  /** What goes out in batches is one request for good, before it goes out. */
  async #toMessage(
    lane: LaneName,
    rows: PendingDelivery[],
  ): Promise<{ id: string; rows: PendingDelivery[] }> {
    const { outbox } = this.#needs;
    const id = rows[0]?.messageId ?? null;
    if (id !== null) return { id, rows: await outbox.message(id) };
    if (lane !== null) return { id: rows[0]?.id ?? "", rows };
    const newId = `msg_${randomBytes(12).toString("hex")}`;
    await outbox.group(
      rows.map((row) => row.id),
      newId,
    );
    return { id: newId, rows };
  }

  #learn(webhook: Webhook, lane: LaneName, verdict: Verdict, deliveries: number): void {
    const { clock, limits, random, figures, log } = this.#needs;
    this.#finished += 1;
    if (verdict.state === "delivered") {
      figures.delivered += deliveries;
      this.#failuresInARow = 0;
      return;
    }
    if (verdict.state === "dead") figures.dead += deliveries;
    else {
      this.#blockedUntilMs.set(lane, verdict.retryAtMs);
      this.#loaded = this.#loaded.filter((row) => lane !== null && laneOf(webhook, row) !== lane);
      this.#mayHaveMore = true;
    }
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, verdict.pauseUntilMs);
    if (verdict.isSignatureTrial) return;
    this.#failuresInARow += 1;
    if (!this.isPaused) return;
    const failures = this.#failuresInARow - limits.failuresBeforePause + 1;
    if (failures === 1) log.warn({ webhookId: webhook.id }, "A webhook fails again and again: it is paused");
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, clock.now() + backoffMs(failures, limits, random));
  }

  /** The database did not answer: what is loaded may be out of date. */
  #restAfter(error: unknown): void {
    const { clock, log } = this.#needs;
    // Told once, not with every try.
    if (!this.#isOutboxFailing)
      log.error({ err: error }, "The outbox of webhooks cannot be reached; trying again");
    this.#isOutboxFailing = true;
    this.forget();
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, clock.now() + databasePauseMs);
  }

  #isFree(lane: LaneName): boolean {
    if (lane === null) return this.#busy.size === 0;
    return !this.#busy.has(null) && !this.#busy.has(lane);
  }
}

function laneOf(webhook: Webhook, row: PendingDelivery): LaneName {
  return webhook.isBatching || row.messageId !== null ? null : row.channel;
}
