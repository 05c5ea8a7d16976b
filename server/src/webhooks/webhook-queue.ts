/**
 * Sends the due deliveries of one webhook, in order within each lane. It serves several lanes concurrently, but sends
 * one request at a time while the receiver fails.
 */
import { randomBytes } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Circuit } from "../core/ports/webhook-control.ts";
import {
  type ClaimedDelivery,
  type DueDelivery,
  LeaseLost,
  type WebhookOutbox,
} from "../core/ports/webhook-outbox.ts";
import type { Webhook } from "../core/webhooks/webhook.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { type LaneName, Lanes, type Taken } from "./lanes.ts";
import type { OutcomeRecorder } from "./outcome-recorder.ts";
import type { TakesTurns } from "./request-turns.ts";
import { judge, type Verdict } from "./retry-schedule.ts";
import type { Send } from "./sender.ts";
import type { WebhookLimits } from "./webhook-limits.ts";
import type { WebhookLog } from "./webhook-log.ts";

const deliveriesPerLoad = 200;
const databasePauseMs = 1_000;
/** The failure of a former receiver says nothing about the new one. */
const tryTheNewTarget: Verdict = { state: "pending", retryAfterMs: 0, pauseMs: 0, isTrial: true };

export interface QueueNeeds {
  readonly outbox: Pick<WebhookOutbox, "due" | "dueInOneLane" | "claim" | "claimBatch">;
  readonly activity: ActivityFeed;
  readonly recorder: OutcomeRecorder;
  readonly send: Send;
  readonly clock: Clock;
  readonly limits: WebhookLimits;
  readonly log: WebhookLog;
  readonly random: () => number;
  /** The current webhook; null if it was deleted. */
  readonly webhook: () => Webhook | null;
  /** The lease's token; null while this node does not deliver. */
  readonly token: () => number | null;
  /** Called when there may be a request to begin. */
  readonly askForTurn: () => void;
  /** Called when a request ended. */
  readonly endTurn: () => void;
  readonly onLeaseLost: () => void;
  /** Called when the receiver of this webhook answered 410. */
  readonly onGone: (webhook: Webhook) => Promise<void>;
}

export class WebhookQueue implements TakesTurns {
  readonly appId: string;
  readonly #needs: QueueNeeds;
  readonly #breaker: CircuitBreaker;
  readonly #lanes = new Lanes();
  readonly #running = new Set<Promise<void>>();
  /** Whether there may be due deliveries that are not loaded yet. */
  #mayHaveMore = true;
  /** Whether lanes that were loaded or busy at the last load may have more deliveries. */
  #isPartlyLoaded = false;
  #isLoading = false;
  /** Whether the rows being read may be outdated. */
  #needsReload = false;
  #isStopped = false;
  #isOutboxFailing = false;

  constructor(appId: string, needs: QueueNeeds) {
    this.appId = appId;
    this.#needs = needs;
    this.#breaker = new CircuitBreaker(needs.clock, needs.limits, needs.random);
  }

  get circuit(): Circuit {
    return this.#breaker.state;
  }

  /** Call it when there may be a due delivery. */
  wake(): void {
    this.#mayHaveMore = true;
    this.#needs.askForTurn();
  }

  /** Ignores earlier failures, because somebody may have fixed the receiver. */
  tryNow(): void {
    this.#breaker.endPause();
    this.wake();
  }

  /** Ends a pause that is longer than any planned pause: the clock was set back. */
  endPauseBeyond(msMax: number): void {
    if (this.#breaker.pauseLeftMs > msMax) this.#breaker.endPause();
  }

  /** Call it when this node begins to deliver: all that it knows may be outdated. */
  takeOver(): void {
    this.#breaker.reset();
    this.reload();
  }

  /** Reads the loaded deliveries again, because they may be outdated. */
  reload(): void {
    this.#lanes.unloadAll();
    this.#needsReload = this.#isLoading;
    this.#mayHaveMore = true;
  }

  beginRequest(): boolean {
    const webhook = this.#needs.webhook();
    const token = this.#needs.token();
    if (webhook === null || token === null || !this.#maySend(webhook)) return false;
    const taken = this.#lanes.take(webhook.isBatching ? this.#needs.limits.eventsPerRequestMax : 1);
    if (taken === null) {
      this.#load(webhook);
      return false;
    }
    this.#begin(webhook, token, taken);
    return true;
  }

  /** Begins no more requests and waits for those in progress. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  #maySend({ isEnabled }: Webhook): boolean {
    if (this.#isStopped || !isEnabled || this.#breaker.pauseLeftMs > 0) return false;
    const isFailing = this.circuit.failuresInARow > 0;
    return this.#running.size < (isFailing ? 1 : this.#needs.limits.requestsPerWebhookMax);
  }

  #load(webhook: Webhook): void {
    if (this.#isLoading || !this.#mayHaveMore) return;
    // The lane of all channels begins only when no other request is in progress, and nothing begins before it ends.
    if (webhook.isBatching ? !this.#lanes.isIdle : this.#lanes.isOneLane) return;
    this.#isLoading = true;
    this.#mayHaveMore = false;
    this.#readDue(webhook).then(
      (isSomethingDue) => {
        this.#isLoading = false;
        if (isSomethingDue) this.#needs.askForTurn();
      },
      (error) => {
        this.#isLoading = false;
        this.#recover(error);
      },
    );
  }

  async #readDue({ id, isBatching }: Webhook): Promise<boolean> {
    const { outbox } = this.#needs;
    const { channels } = this.#lanes;
    const due = isBatching
      ? await outbox.dueInOneLane(id, deliveriesPerLoad)
      : await outbox.due(id, channels, deliveriesPerLoad);
    if (this.#needsReload) {
      this.#needsReload = false;
      this.#mayHaveMore = true;
      return true;
    }
    const isFull = due.length === deliveriesPerLoad;
    if (isFull) this.#mayHaveMore = true;
    this.#isPartlyLoaded = isFull || channels.length > 0;
    // Batches from before a change of the webhook's settings are sent one after the other.
    this.#lanes.load(due, isBatching || due.some(({ messageId }) => messageId !== null));
    return due.length > 0;
  }

  #begin(webhook: Webhook, token: number, taken: Taken): void {
    const running = this.#deliver(webhook, token, taken)
      .catch((error) => this.#recover(error))
      .finally(() => {
        this.#lanes.free(taken.lane);
        if (this.#isPartlyLoaded) this.#mayHaveMore = true;
        this.#running.delete(running);
        this.#needs.askForTurn();
        this.#needs.endTurn();
      });
    this.#running.add(running);
  }

  async #deliver(webhook: Webhook, token: number, { lane, deliveries }: Taken): Promise<void> {
    const { send, clock, limits, random, recorder, onGone } = this.#needs;
    const claimed = await this.#claim(token, deliveries);
    // Some failed meanwhile, or did not fit: the next read returns them first.
    if (claimed.length < deliveries.length) this.#unload(lane);
    const [first] = claimed;
    if (first === undefined) return;
    const { attempt, answer, detail, hasOtherSignature } = await send(
      webhook,
      messageOf(first, claimed),
      first.attempts,
    );
    const attempts = first.attempts + 1;
    const waitedMs = first.waitedMs + attempt.durationMs;
    const nowMs = clock.now();
    const judged = judge({ attempts, waitedMs, nowMs, answer, hasOtherSignature }, limits, random);
    const hasMoved = judged.state !== "delivered" && this.#hasMoved(webhook);
    const verdict = hasMoved ? tryTheNewTarget : judged;
    const { state, retryAfterMs } = verdict;
    await recorder.record(token, { deliveryIds: claimed.map(({ id }) => id), attempt, state, retryAfterMs });
    this.#isOutboxFailing = false;
    this.#learn(webhook, lane, verdict, detail ?? attempt.status);
    this.#needs.activity.emit({
      type: "webhook_attempted",
      appId: webhook.appId,
      webhookId: webhook.id,
      events: claimed.length,
      attempts,
      status: attempt.status,
      state,
      durationMs: attempt.durationMs,
    });
    if (answer?.status === 410 && !hasMoved) await onGone(webhook);
  }

  /** Whether the webhook's owner has changed where or with which headers it sends since this request began. */
  #hasMoved({ url, headers }: Webhook): boolean {
    const now = this.#needs.webhook();
    return now !== null && (now.url !== url || JSON.stringify(now.headers) !== JSON.stringify(headers));
  }

  async #claim(token: number, deliveries: readonly DueDelivery[]): Promise<ClaimedDelivery[]> {
    const { outbox, limits } = this.#needs;
    const [first, second] = deliveries;
    if (first === undefined) return [];
    if (second === undefined) return outbox.claim(token, first);
    const messageId = `msg_${randomBytes(12).toString("hex")}`;
    const deliveryIds = deliveries.map(({ id }) => id);
    return outbox.claimBatch(token, { deliveryIds, messageId, bytesMax: limits.requestBytesMax });
  }

  #learn({ id: webhookId, appId }: Webhook, lane: LaneName, verdict: Verdict, reason: unknown): void {
    if (verdict.state === "delivered") {
      this.#breaker.succeeded();
      return;
    }
    if (verdict.state === "pending") this.#unload(lane);
    this.#breaker.pause(verdict.pauseMs);
    if (!verdict.isTrial && this.#breaker.failed())
      this.#needs.log.warn({ appId, webhookId, reason }, "A webhook failed repeatedly and is paused");
  }

  #unload(lane: LaneName): void {
    this.#lanes.unload(lane);
    this.#mayHaveMore = true;
  }

  #recover(error: unknown): void {
    this.reload();
    if (error instanceof LeaseLost) {
      this.#needs.onLeaseLost();
      return;
    }
    // Log once, not on every attempt.
    if (!this.#isOutboxFailing)
      this.#needs.log.error({ err: error }, "The webhook outbox cannot be reached; retrying");
    this.#isOutboxFailing = true;
    this.#breaker.pause(databasePauseMs);
  }
}

function messageOf(first: ClaimedDelivery, claimed: readonly ClaimedDelivery[]) {
  return {
    id: first.messageId ?? first.id,
    timeMs: Math.max(...claimed.map(({ createdAtMs }) => createdAtMs)),
    events: claimed.map(({ event }) => event),
    causes: [...new Set(claimed.flatMap(({ cause }) => cause ?? []))],
  };
}
