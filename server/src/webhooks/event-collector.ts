/** Collects events from the activity feed in memory, so that emitting is cheap, and writes them to the outbox in batches. */
import { randomBytes } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import { ByteBudget } from "../core/limits/byte-budget.ts";
import { bytesInMemory } from "../core/limits/bytes-in-memory.ts";
import type { Clock } from "../core/ports/clock.ts";
import type {
  Departure,
  NewDelivery,
  OutboxWrite,
  Turn,
  WebhookOutbox,
} from "../core/ports/webhook-outbox.ts";
import { type WebhookEventType, wantsEvent, webhookEventTypes } from "../core/webhooks/webhook.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import type { PendingCounts } from "./pending-counts.ts";
import type { WebhookDirectory } from "./webhook-directory.ts";
import { isDeparture, toWebhookEvent, type WebhookEvent } from "./webhook-event.ts";
import type { WebhookLimits } from "./webhook-limits.ts";
import type { WebhookLog } from "./webhook-log.ts";
import type { WebhookTrace } from "./webhook-trace.ts";

const retryWriteMs = 1_000;
/** The estimated bytes of an event in memory without its texts. */
const eventBytes = 500;

export interface CollectorNeeds {
  readonly directory: WebhookDirectory;
  readonly pending: PendingCounts;
  readonly outbox: Pick<WebhookOutbox, "write">;
  readonly clock: Clock;
  readonly limits: WebhookLimits;
  readonly figures: WebhookFigures;
  readonly log: WebhookLog;
  /** Absent: nothing is traced. */
  readonly trace?: Pick<WebhookTrace, "cause">;
  /** Called with the webhooks that have new deliveries. */
  readonly onWritten: (webhookIds: ReadonlySet<string>) => void;
}

export class EventCollector {
  readonly #needs: CollectorNeeds;
  #buffer: WebhookEvent[] = [];
  /** Deliveries built from the buffer that are not written yet, and their events. */
  #write: OutboxWrite | null = null;
  #writeEvents: readonly WebhookEvent[] = [];
  readonly #budget: ByteBudget;
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<boolean> | null = null;
  #isFailing = false;
  #stopListening: () => void = () => undefined;

  constructor(needs: CollectorNeeds) {
    this.#needs = needs;
    this.#budget = new ByteBudget(needs.limits.bufferedBytesMax);
  }

  listenTo(activity: ActivityFeed): void {
    const { clock, directory, trace } = this.#needs;
    const stops = webhookEventTypes.map((type: WebhookEventType) =>
      activity.on(type, (one) => {
        if (directory.watches(one.appId, type)) this.#take(toWebhookEvent(one, clock.now(), trace?.cause()));
      }),
    );
    this.#stopListening = () => {
      for (const stop of stops) stop();
    };
  }

  /** Writes the events in memory. Events that the database does not accept now are lost, counted and logged. */
  async stop(): Promise<void> {
    const { figures, log } = this.#needs;
    this.#stopListening();
    this.#cancelTimer?.();
    while (this.#waiting > 0) {
      if (await this.#flush()) continue;
      figures.refused += this.#waiting;
      log.error({ events: this.#waiting }, "Webhook events could not be written before the server stopped");
      return;
    }
  }

  get #waiting(): number {
    return this.#buffer.length + this.#writeEvents.length;
  }

  #take(event: WebhookEvent): void {
    const { figures, limits } = this.#needs;
    if (this.#waiting >= limits.bufferedEventsMax || !this.#budget.take(event.appId, bytesOf(event))) {
      figures.refused += 1;
      return;
    }
    this.#buffer.push(event);
    if (this.#cancelTimer === null && this.#writing === null) this.#flushAfter(limits.flushIntervalMs);
  }

  #flushAfter(delayMs: number): void {
    this.#cancelTimer = this.#needs.clock.after(delayMs, () => {
      this.#cancelTimer = null;
      void this.#flush().then((isWritten) => {
        if (this.#waiting === 0 || this.#cancelTimer !== null) return;
        this.#flushAfter(isWritten ? this.#needs.limits.flushIntervalMs : retryWriteMs);
      });
    });
  }

  /** Writes one batch. Returns true if it was written. */
  async #flush(): Promise<boolean> {
    this.#writing ??= this.#writeBatch().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeBatch(): Promise<boolean> {
    const { outbox, limits, log, onWritten } = this.#needs;
    if (this.#write === null) {
      this.#writeEvents = this.#buffer.splice(0, limits.eventsPerWriteMax);
      this.#write = this.#toWrite(this.#writeEvents);
    }
    const write = this.#write;
    try {
      await outbox.write(write);
    } catch (error) {
      // Log once, not on every attempt.
      if (!this.#isFailing) log.error({ err: error }, "Webhook events could not be written; retrying");
      this.#isFailing = true;
      return false;
    }
    if (this.#isFailing) log.info({}, "Webhook events are written again");
    this.#isFailing = false;
    this.#write = null;
    for (const event of this.#writeEvents) this.#budget.give(event.appId, bytesOf(event));
    this.#writeEvents = [];
    onWritten(new Set(write.deliveries.map(({ webhookId }) => webhookId)));
    return true;
  }

  /** Removes pairs that cancel each other within the batch, so that they never reach the database. */
  #toWrite(events: readonly WebhookEvent[]): OutboxWrite {
    const { departureDelayMs } = this.#needs.limits;
    const departures = new Map<string, Departure>();
    const returns = new Map<string, Turn>();
    const deliveries: (NewDelivery & { readonly returnOf: string | null })[] = [];
    for (const event of events) {
      const { turn, awayMs } = event;
      if (turn !== null && isDeparture(event.type)) {
        departures.set(turn.key, toDeparture(event, turn));
        continue;
      }
      if (turn !== null && departures.delete(turn.key)) continue;
      // Only the first return of a batch can cancel a departure in the database.
      const isFirst = turn !== null && !returns.has(turn.key);
      if (isFirst) returns.set(turn.key, turn);
      // Another node may have the departure and not have written it yet. Its delay is then not over either.
      if (awayMs !== null && awayMs < departureDelayMs) continue;
      const returnOf = isFirst ? turn.key : null;
      for (const delivery of this.deliveriesOf(event)) deliveries.push({ ...delivery, returnOf });
    }
    return {
      deliveries,
      returns: [...returns.values()],
      departures: [...departures.values()],
      departureDelayMs,
    };
  }

  /** One delivery for each webhook that wants the event and is below its limit. */
  deliveriesOf(
    event: Pick<WebhookEvent, "appId" | "type" | "channel" | "json" | "atMs" | "cause">,
  ): NewDelivery[] {
    const { directory, pending, limits, figures } = this.#needs;
    const { type, channel, json, atMs, cause } = event;
    const deliveries: NewDelivery[] = [];
    for (const webhook of directory.ofApp(event.appId)) {
      if (!wantsEvent(webhook, type, channel)) continue;
      if (!pending.reserve(webhook.id, limits.pendingPerWebhookMax)) {
        figures.refused += 1;
        continue;
      }
      const id = `msg_${randomBytes(12).toString("hex")}`;
      deliveries.push({
        id,
        webhookId: webhook.id,
        type,
        channel: channel ?? "",
        event: json,
        createdAtMs: atMs,
        cause,
      });
    }
    return deliveries;
  }
}

function bytesOf({ json }: WebhookEvent): number {
  return eventBytes + bytesInMemory(json);
}

function toDeparture(
  { appId, type, channel, userId, json, atMs, cause }: WebhookEvent,
  turn: Turn,
): Departure {
  return { ...turn, appId, type, channel: channel ?? "", userId, event: json, createdAtMs: atMs, cause };
}
