/** What webhooks have yet to be told, and what became of it. Each call is one transaction. */

/** One event on its way to one webhook. */
export interface NewDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  /** Empty where the event has no channel. */
  readonly channel: string;
  /** The event as the request spells it, JSON. */
  readonly event: string;
  readonly createdAtMs: number;
}

/**
 * Somebody left, and may be back in a moment: told only if they are not. `key` names what was left; there is one
 * departure of it at a time.
 */
export interface Departure {
  readonly key: string;
  readonly appId: string;
  readonly type: string;
  readonly channel: string;
  readonly userId: string | null;
  readonly event: string;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
}

export interface OutboxWrite {
  /** Those with a `returnOf` are left out where that departure was still waiting: the pair cancels out. */
  readonly deliveries: readonly (NewDelivery & { readonly returnOf: string | null })[];
  /** The departures that are undone. */
  readonly returns: readonly string[];
  readonly departures: readonly Departure[];
}

export interface PendingDelivery extends NewDelivery {
  /** Grows in the order of writing. */
  readonly sequence: number;
  /** The request it went out with before; null before the first try. */
  readonly messageId: string | null;
  readonly attempts: number;
  /** When it was written, or last replayed. */
  readonly queuedAtMs: number;
}

export type DeliveryState = "pending" | "delivered" | "dead";

/** What came back, or why nothing did. */
export interface Attempt {
  readonly atMs: number;
  readonly durationMs: number;
  /** Null where there was no answer. */
  readonly status: number | null;
  /** The start of the answer's body, or the reason that there was none. */
  readonly answer: string;
}

export interface Outcome {
  readonly deliveryIds: readonly string[];
  readonly state: DeliveryState;
  readonly attempt: Attempt;
  /** Where still pending: the next try, and what must wait for it. */
  readonly retry: { readonly atMs: number; readonly lane: Lane } | null;
}

/** What is told in order: one channel of one webhook, or the whole webhook where the channel is null. */
export interface Lane {
  readonly webhookId: string;
  readonly channel: string | null;
}

export interface DeliveryRecord extends PendingDelivery {
  readonly state: DeliveryState;
  readonly dueAtMs: number;
  readonly lastAttempt: Attempt | null;
}

export interface Backlog {
  readonly webhookId: string;
  readonly pending: number;
  readonly oldestAtMs: number;
  readonly nextDueAtMs: number;
}

/** What the outbox holds of one webhook. */
export interface Tally {
  readonly webhookId: string;
  readonly waiting: number;
  readonly waitingSinceMs: number | null;
  readonly nextDueAtMs: number | null;
  readonly givenUp: number;
  /** Of the latest event that was delivered. */
  readonly lastDeliveredAtMs: number | null;
}

export interface Retention {
  readonly deliveredBeforeMs: number;
  readonly deadBeforeMs: number;
  /** Finished deliveries that one webhook may keep, whatever their age. */
  readonly keptPerWebhookMax: number;
}

/** The latest moments for which something may be planned. */
export interface PlanMax {
  readonly deliveriesMs: number;
  readonly departuresMs: number;
}

export interface WebhookOutbox {
  /** @throws OutboxContention where another process changed the same departures at once: write it again */
  write(write: OutboxWrite): Promise<void>;
  /** Departures that nobody came back from in time, the oldest first. */
  dueDepartures(nowMs: number, limit: number): Promise<Departure[]>;
  /**
   * Turns departures into deliveries.
   * @throws OutboxContention where one of them was undone meanwhile; nothing is written then
   */
  release(departureKeys: readonly string[], deliveries: readonly NewDelivery[]): Promise<void>;

  /** Pending and due, in order. */
  due(webhookId: string, nowMs: number, limit: number): Promise<PendingDelivery[]>;
  /** Those that go out in one request, from now on and on every retry. */
  group(deliveryIds: readonly string[], messageId: string): Promise<void>;
  /** The pending ones of a request, in order. */
  message(messageId: string): Promise<PendingDelivery[]>;
  record(outcomes: readonly Outcome[]): Promise<void>;
  /** Nothing of the lane is due before this. */
  postpone(lane: Lane, untilMs: number): Promise<void>;
  /** What is planned for later is due then. */
  bringForward(to: PlanMax): Promise<void>;
  /** Gives up what has waited since before that; answers how many. `attempt` is told of those that had none. */
  expire(webhookId: string, queuedBeforeMs: number, attempt: Attempt): Promise<number>;

  /** One entry for each webhook that has something pending. */
  backlog(): Promise<Backlog[]>;
  tally(webhookId: string): Promise<Tally>;
  /** The latest first, those written before `beforeSequence` where that is given. */
  history(
    webhookId: string,
    filter: { readonly state: DeliveryState | null; readonly beforeSequence: number | null },
    limit: number,
  ): Promise<DeliveryRecord[]>;
  /** Sends what is finished once more, with all that went out in its request. False where there is none. */
  replay(webhookId: string, deliveryId: string, nowMs: number): Promise<boolean>;
  /** Deletes what is finished and old; answers how many. */
  sweep(retention: Retention): Promise<number>;

  /** True where this node is the one that delivers until then: one node at a time, so that order needs no more. */
  lease(nodeId: string, nowMs: number, untilMs: number): Promise<boolean>;
  endLease(nodeId: string): Promise<void>;
}

export class OutboxContention extends Error {}
