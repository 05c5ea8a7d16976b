/** Sends what is due to one webhook: in order in each lane, several lanes at once, one request at a time while it fails. */
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
import type { Webhook } from "../core/webhook.ts";
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

export interface QueueNeeds {
  readonly outbox: Pick<WebhookOutbox, "due" | "dueInOneLane" | "claim" | "claimBatch">;
  readonly activity: ActivityFeed;
  readonly recorder: OutcomeRecorder;
  readonly send: Send;
  readonly clock: Clock;
  readonly limits: WebhookLimits;
  readonly log: WebhookLog;
  readonly random: () => number;
  /** As it is now; null where it was deleted. */
  readonly webhook: () => Webhook | null;
  /** Of the lease; null while this node does not deliver. */
  readonly token: () => number | null;
  /** There may be a request to begin. */
  readonly askForTurn: () => void;
  /** A request that was begun is over. */
  readonly endTurn: () => void;
  readonly onLeaseLost: () => void;
  /** The receiver answered 410. */
  readonly onGone: () => Promise<void>;
}

export class WebhookQueue implements TakesTurns {
  readonly appId: string;
  readonly #needs: QueueNeeds;
  readonly #breaker: CircuitBreaker;
  readonly #lanes = new Lanes();
  readonly #running = new Set<Promise<void>>();
  /** Something due may not be loaded yet. */
  #mayHaveMore = true;
  /** The lanes that were loaded or busy at the last load may have more. */
  #isPartlyLoaded = false;
  #isLoading = false;
  /** What is being read may be out of date. */
  #mustReadAgain = false;
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

  /** There may be something due. */
  wake(): void {
    this.#mayHaveMore = true;
    this.#needs.askForTurn();
  }

  /** Somebody may have mended the receiver: it is tried however it failed before. */
  tryNow(): void {
    this.#breaker.endPause();
    this.wake();
  }

  /** A pause longer than any that is planned ends: the clock was set back since. */
  endPauseBeyond(msMax: number): void {
    if (this.#breaker.pauseLeftMs > msMax) this.#breaker.endPause();
  }

  /** What is loaded may be out of date: it is read again. */
  reload(): void {
    this.#lanes.unloadAll();
    this.#mustReadAgain = this.#isLoading;
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

  /** Begins nothing more, and waits for what is under way. */
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
    // A lane of all channels begins when nothing else is on its way, and nothing else begins before it ends.
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
    if (this.#mustReadAgain) {
      this.#mustReadAgain = false;
      this.#mayHaveMore = true;
      return true;
    }
    const isFull = due.length === deliveriesPerLoad;
    if (isFull) this.#mayHaveMore = true;
    this.#isPartlyLoaded = isFull || channels.length > 0;
    // Batches from before a change of the webhook's settings go out one after the other.
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
    // Some were given up meanwhile, or did not fit: they come first where they are read again.
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
    const verdict = judge({ attempts, waitedMs, nowMs, answer, hasOtherSignature }, limits, random);
    const { state, retryAfterMs } = verdict;
    await recorder.record(token, { deliveryIds: claimed.map(({ id }) => id), attempt, state, retryAfterMs });
    this.#isOutboxFailing = false;
    this.#learn(webhook, lane, verdict, detail ?? attempt.status);
    this.#needs.activity.emit({
      type: "webhook_attempted",
      appId: webhook.appId,
      webhookId: webhook.id,
      ...{ events: claimed.length, attempts, status: attempt.status, state, durationMs: attempt.durationMs },
    });
    if (answer?.status === 410) await onGone();
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

  #learn({ id: webhookId }: Webhook, lane: LaneName, verdict: Verdict, reason: unknown): void {
    if (verdict.state === "delivered") {
      this.#breaker.succeeded();
      return;
    }
    if (verdict.state === "pending") this.#unload(lane);
    this.#breaker.pause(verdict.pauseMs);
    if (!verdict.isSignatureTrial && this.#breaker.failed())
      this.#needs.log.warn({ webhookId, reason }, "A webhook fails again and again: it is paused");
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
    // Logged once, not with every try.
    if (!this.#isOutboxFailing)
      this.#needs.log.error({ err: error }, "The outbox of webhooks cannot be reached; trying again");
    this.#isOutboxFailing = true;
    this.#breaker.pause(databasePauseMs);
  }
}

function messageOf(first: ClaimedDelivery, claimed: readonly ClaimedDelivery[]) {
  return {
    id: first.messageId ?? first.id,
    timeMs: Math.max(...claimed.map(({ createdAtMs }) => createdAtMs)),
    events: claimed.map(({ event }) => event),
  };
}
