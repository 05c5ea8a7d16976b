/**
 * The deliveries that webhooks still have to send, and their results. Each call is one transaction.
 *
 * A delivery belongs to a lane: one channel of one webhook. The deliveries of a lane are sent in the order in which
 * they were written. While one of them waits for its next attempt, the later ones of its lane wait too. The stored
 * rows ensure this, so it holds across restarts and for any delivering node.
 *
 * One node delivers at a time: the one with the lease. Each lease has a token, and the next node gets a new one.
 * Methods that only this node may call take the token, and change nothing once another node has the lease.
 *
 * Delays are measured by the database's clock, because the clocks of nodes differ. The `…AtMs` values of events and
 * attempts are for display: they come from the clock of the node that wrote them.
 */

/** One event to send to one webhook. */
export interface NewDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  /** Empty if the event has no channel. */
  readonly channel: string;
  /** The event as JSON text, as it appears in the request. */
  readonly event: string;
  readonly createdAtMs: number;
  /** The W3C `traceparent` of the request that caused the event; null if it is not known or nothing is traced. */
  readonly cause: string | null;
}

/**
 * The position of a departure or a return among the changes of one channel, member or user. `key` identifies the
 * channel, member or user. `revision` is that of the roster's change: of two turns the later one has the higher
 * revision, even if it is written first.
 */
export interface Turn {
  readonly key: string;
  readonly revision: number;
}

/**
 * A member, user or channel left and may return within the delay: the event is sent only if it does not return. At most
 * one departure of each key is pending.
 */
export interface Departure extends Turn {
  readonly appId: string;
  readonly type: string;
  readonly channel: string;
  readonly userId: string | null;
  readonly event: string;
  readonly createdAtMs: number;
  /** As in `NewDelivery`. */
  readonly cause: string | null;
}

export interface OutboxWrite {
  /**
   * A delivery with `returnOf` is dropped if the departure with that key is still pending: the two cancel out. It is also
   * dropped if that departure has a higher revision and was settled in the last minute: then this write is late.
   */
  readonly deliveries: readonly (NewDelivery & { readonly returnOf: string | null })[];
  /** Each cancels the pending departure with its key, unless that departure has a higher revision. */
  readonly returns: readonly Turn[];
  /**
   * In the order in which they happened. Of two departures with one key the one with the higher revision is kept, also if
   * it was settled in the last minute.
   */
  readonly departures: readonly Departure[];
  readonly departureDelayMs: number;
}

export interface DueDeparture extends Departure {
  /** The time since its delay ended; negative if it has not. */
  readonly overdueMs: number;
}

/** A departure whose delay is over, and its deliveries: none if no webhook wants the event. */
export interface SettledDeparture extends Turn {
  readonly deliveries: readonly NewDelivery[];
}

export interface LeaseRequest {
  readonly nodeId: string;
  /** The token of this process's latest lease; null before its first. */
  readonly token: number | null;
  readonly durationMs: number;
}

/** A delivery that is due, without its event text: many are pending and few are sent at a time. */
export interface DueDelivery {
  readonly id: string;
  /** Increases in the order of writing. */
  readonly sequence: number;
  readonly channel: string;
  /** The id of the batch request that contained it before; null if it is sent alone or was not tried. */
  readonly messageId: string | null;
  /** The number of earlier attempts. */
  readonly attempts: number;
}

export interface ClaimedDelivery extends DueDelivery {
  readonly event: string;
  readonly createdAtMs: number;
  /** As in `NewDelivery`. */
  readonly cause: string | null;
  /** The time since it was written or last replayed. */
  readonly waitedMs: number;
}

export interface Batch {
  readonly deliveryIds: readonly string[];
  readonly messageId: string;
  /** The batch ends before the event that would exceed this; the first event always fits. */
  readonly bytesMax: number;
}

export type DeliveryState = "pending" | "delivered" | "dead";

/** The result of a request: the answer, or why there was none. */
export interface Attempt {
  readonly atMs: number;
  readonly durationMs: number;
  /** The HTTP status; null if there was no answer. */
  readonly status: number | null;
  /** The start of the answer's body, or the reason that there was none. */
  readonly answer: string;
}

export interface Outcome {
  readonly deliveryIds: readonly string[];
  readonly attempt: Attempt;
  readonly state: DeliveryState;
  /** The delay before the next attempt. Ignored unless the state is `pending`. */
  readonly retryAfterMs: number;
}

export interface Backlog {
  readonly webhookId: string;
  readonly pending: number;
  /** When the oldest pending delivery was written or replayed, and the time since then. */
  readonly oldestAtMs: number;
  readonly oldestWaitedMs: number;
}

export interface Retention {
  /** Compared with the time of the last attempt. */
  readonly deliveredBeforeMs: number;
  readonly deadBeforeMs: number;
  /** The maximum number of finished deliveries for each webhook, regardless of age. */
  readonly keptPerWebhookMax: number;
}

/** The longest delays that the delivering node ever sets. */
export interface WaitsMax {
  readonly retryMs: number;
  readonly departureMs: number;
}

/** Another node has the lease, or none has: the call with the old token changed nothing. */
export class LeaseLost extends Error {}

export interface WebhookOutbox {
  /**
   * Atomic. The caller may repeat the call if the connection broke and the result is unknown: no delivery is stored
   * twice. (Repeating a call whose return already cancelled a departure delivers the return without its departure.)
   */
  write(write: OutboxWrite): Promise<void>;

  /**
   * Takes the lease for `durationMs`, or renews it. Returns its token: the same after a renewal, a new one if another
   * node had the lease in between. Returns null while another node has it. A process without a token gets the lease
   * immediately if its `nodeId` has it: the process was restarted.
   */
  lease(request: LeaseRequest): Promise<number | null>;
  endLease(token: number): Promise<void>;

  /**
   * Departures whose delay is over, in the order of their revisions. Each `channel_vacated` comes with the pending
   * `member_removed` of its channel that have a lower revision, even if their delay is not over: then `overdueMs` is
   * negative, and `limit` does not count them.
   */
  dueDepartures(limit: number): Promise<DueDeparture[]>;
  /**
   * Ends departures and writes their deliveries, in order. Skips departures that were cancelled or replaced in the
   * meantime.
   * @throws LeaseLost
   */
  settle(token: number, departures: readonly SettledDeparture[]): Promise<void>;

  /** The ids of the webhooks with pending deliveries. The cost grows with the number of webhooks, not of deliveries. */
  webhooksWithPending(): Promise<string[]>;
  /** Counts the pending deliveries of each webhook. It reads an index entry for each delivery, so call it rarely. */
  backlog(): Promise<Backlog[]>;

  /** The due deliveries of all lanes except those of the given channels, in order. */
  due(webhookId: string, exceptChannels: readonly string[], limit: number): Promise<DueDelivery[]>;
  /**
   * The due deliveries of a webhook that is one lane as a whole: none while any delivery waits for its next attempt.
   */
  dueInOneLane(webhookId: string, limit: number): Promise<DueDelivery[]>;
  /**
   * Reads a delivery before it is sent, with all deliveries of its earlier request. Empty if it is no longer
   * pending.
   * @throws LeaseLost, also if the lease has expired and no node has taken it
   */
  claim(token: number, delivery: DueDelivery): Promise<ClaimedDelivery[]>;
  /**
   * Reads as many deliveries as fit into one request, and binds them to that request, also for retries.
   * @throws LeaseLost
   */
  claimBatch(token: number, batch: Batch): Promise<ClaimedDelivery[]>;
  /**
   * Stores the results of requests.
   * @throws LeaseLost; then nothing is stored, since another node may have sent the same deliveries
   */
  record(token: number, outcomes: readonly Outcome[]): Promise<void>;
  /**
   * Gives up deliveries that have waited longer than `waitedMsMax`. Returns how many. Stores `attempt` for deliveries
   * that had no attempt.
   * @throws LeaseLost
   */
  expire(token: number, webhookId: string, waitedMsMax: number, attempt: Attempt): Promise<number>;
  /** Ends delays that are longer than `max`: they occur when the database's clock was set back. @throws LeaseLost */
  endWaitsBeyond(token: number, max: WaitsMax): Promise<void>;
  /** Deletes old finished deliveries and settled departures. Returns how many deliveries. @throws LeaseLost */
  sweep(token: number, retention: Retention): Promise<number>;
}
