/** An empty outbox for a contract test, and helpers to write deliveries and departures. */
import type { WebhookHistory } from "../../src/core/ports/webhook-history.ts";
import type {
  Departure,
  NewDelivery,
  Outcome,
  Turn,
  WebhookOutbox,
} from "../../src/core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../../src/core/ports/webhook-store.ts";

export interface OutboxUnderTest {
  readonly outbox: WebhookOutbox;
  readonly history: WebhookHistory;
  readonly store: WebhookStore;
  /** Advances the database's clock. */
  pass(ms: number): void;
}

export const durationMs = 15_000;
export const noAttempt = { atMs: 9, durationMs: 0, status: null, answer: "given up" };
export const all = { state: null, beforeSequence: null };

export class OutboxStage {
  readonly outbox: WebhookOutbox;
  readonly history: WebhookHistory;
  readonly store: WebhookStore;
  readonly pass: OutboxUnderTest["pass"];
  /** The token of the lease. */
  token = 0;

  /** Call `renewLease` before the first test step. */
  constructor({ outbox, history, store, pass }: OutboxUnderTest) {
    this.outbox = outbox;
    this.history = history;
    this.store = store;
    this.pass = pass;
  }

  async renewLease(): Promise<void> {
    const token = this.token === 0 ? null : this.token;
    this.token = (await this.outbox.lease({ nodeId: "a", token, durationMs })) ?? 0;
  }

  write(deliveries: readonly NewDelivery[]): Promise<void> {
    const given = deliveries.map((one) => ({ ...one, returnOf: null }));
    return this.outbox.write({ deliveries: given, returns: [], departures: [], departureDelayMs: 0 });
  }

  leave(...departures: readonly Departure[]): Promise<void> {
    return this.outbox.write({ deliveries: [], returns: [], departures, departureDelayMs: 3_000 });
  }

  async dueIds(exceptChannels: readonly string[] = []): Promise<string[]> {
    return (await this.outbox.due("w1", exceptChannels, 100)).map(({ id }) => id);
  }

  record(ids: readonly string[], outcome: Partial<Outcome> = {}): Promise<void> {
    const attempt = { atMs: 5, durationMs: 2, status: 500, answer: "no" };
    return this.outbox.record(this.token, [
      { deliveryIds: ids, state: "dead", attempt, retryAfterMs: 0, ...outcome },
    ]);
  }

  sweep(): Promise<number> {
    return this.outbox.sweep(this.token, { deliveredBeforeMs: 0, deadBeforeMs: 0, keptPerWebhookMax: 1_000 });
  }
}

export function delivery(id: string, channel = "room"): NewDelivery {
  const cause = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  return { id, webhookId: "w1", type: "channel_occupied", channel, event: "{}", createdAtMs: 1, cause };
}

/** The change of `key` with this revision. */
export function turn(key: string, revision = 1): Turn {
  return { key, revision };
}

export function departure(key: string, revision = 1): Departure {
  return {
    ...turn(key, revision),
    appId: "1",
    type: "channel_vacated",
    channel: "room",
    userId: null,
    event: "{}",
    createdAtMs: 1,
    cause: `00-${"c".repeat(32)}-${"d".repeat(16)}-00`,
  };
}
