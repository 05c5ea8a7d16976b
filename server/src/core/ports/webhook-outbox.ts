/**
 * What webhooks still have to send. Each call is one transaction.
 *
 * A delivery belongs to a lane: one channel of one webhook. The deliveries of a lane go out in the order of writing.
 * While one of them waits for its next attempt, the later ones of its lane wait too. This is a property of the stored
 * rows, so it holds across restarts and whichever node delivers.
 *
 * One node delivers at a time: the one with the lease. Each lease has a token, and whoever takes over gets a new one.
 * What only that node may do takes its token, and changes nothing once another node has taken over.
 *
 * Waits are measured by the database's clock, because the clocks of nodes differ. The `…AtMs` of events and attempts
 * are for people: they come from the clock of the node that wrote them.
 */

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
 * Somebody left, and may be back in a moment: it is sent only if they are not. `key` names what they left; at most one
 * departure of each key waits.
 */
export interface Departure {
  readonly key: string;
  readonly appId: string;
  readonly type: string;
  readonly channel: string;
  readonly userId: string | null;
  readonly event: string;
  readonly createdAtMs: number;
}

export interface OutboxWrite {
  /** Those with a `returnOf` are left out where that departure was still waiting: the pair cancels out. */
  readonly deliveries: readonly (NewDelivery & { readonly returnOf: string | null })[];
  /** The departures that are undone. */
  readonly returns: readonly string[];
  /** In the order in which they happened. One of a key that waits already takes its place. */
  readonly departures: readonly Departure[];
  readonly departureDelayMs: number;
}

export interface DueDeparture extends Departure {
  /** Since its delay ended. */
  readonly overdueMs: number;
}

/** A departure that is over, with the deliveries that tell it: none where nobody wants to know. */
export interface SettledDeparture {
  readonly key: string;
  readonly deliveries: readonly NewDelivery[];
}

export interface LeaseRequest {
  readonly nodeId: string;
  /** Of the lease that this process had last; null before its first. */
  readonly token: number | null;
  readonly durationMs: number;
}

/** A delivery that may go out, without its event: many wait, few are sent at once. */
export interface DueDelivery {
  readonly id: string;
  /** Grows in the order of writing. */
  readonly sequence: number;
  readonly channel: string;
  /** The request it went out with before; null where it goes alone or was not tried. */
  readonly messageId: string | null;
  /** Made before. */
  readonly attempts: number;
}

export interface ClaimedDelivery extends DueDelivery {
  readonly event: string;
  readonly createdAtMs: number;
  /** Since it was written or last replayed. */
  readonly waitedMs: number;
}

export interface Batch {
  readonly deliveryIds: readonly string[];
  readonly messageId: string;
  /** The batch ends before the event that would exceed this; the first event always fits. */
  readonly bytesMax: number;
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
  readonly attempt: Attempt;
  readonly state: DeliveryState;
  /** Until the next attempt, where it is still pending. */
  readonly retryAfterMs: number;
}

export interface Backlog {
  readonly webhookId: string;
  readonly pending: number;
  /** When the oldest was written or replayed, and how long ago that is. */
  readonly oldestAtMs: number;
  readonly oldestWaitedMs: number;
}

export interface Retention {
  /** By the last attempt. */
  readonly deliveredBeforeMs: number;
  readonly deadBeforeMs: number;
  /** Finished deliveries that one webhook may keep, whatever their age. */
  readonly keptPerWebhookMax: number;
}

/** The longest waits that are planned. */
export interface WaitsMax {
  readonly retryMs: number;
  readonly departureMs: number;
}

/** The lease is another node's, or nobody's: what was asked with the old token was not done. */
export class LeaseLost extends Error {}

export interface WebhookOutbox {
  /**
   * All of it or nothing. It may be repeated where the connection broke and nobody knows whether it was written: no
   * delivery is stored twice. (A return that had cancelled out by then is told, though its departure was not.)
   */
  write(write: OutboxWrite): Promise<void>;

  /**
   * Takes the lease for `durationMs`, or renews it. Answers its token: the same after a renewal, a new one after any
   * other node had it. Null while another node has it. A process without a token gets the lease at once where its node
   * had it: that is a restart.
   */
  lease(request: LeaseRequest): Promise<number | null>;
  endLease(token: number): Promise<void>;

  /** Departures that nobody came back from in time, in order. */
  dueDepartures(limit: number): Promise<DueDeparture[]>;
  /**
   * Deletes departures and writes their deliveries, in order; those that were undone meanwhile are left out.
   * @throws LeaseLost
   */
  settle(token: number, departures: readonly SettledDeparture[]): Promise<void>;

  /** The webhooks that have something pending. Its cost grows with their number, not with that of their deliveries. */
  webhooksWithPending(): Promise<string[]>;
  /** Counts what is pending for each webhook. It reads an entry for each delivery, so ask rarely. */
  backlog(): Promise<Backlog[]>;

  /** What may go out of every lane but the excepted channels, in order. */
  due(webhookId: string, exceptChannels: readonly string[], limit: number): Promise<DueDelivery[]>;
  /** The same where the whole webhook is one lane: nothing while anything waits for its next attempt. */
  dueInOneLane(webhookId: string, limit: number): Promise<DueDelivery[]>;
  /**
   * Reads a delivery that is about to be sent, with all that went out in its request before. Empty where it is no longer
   * pending.
   * @throws LeaseLost, also where the lease is over and nobody has taken it
   */
  claim(token: number, delivery: DueDelivery): Promise<ClaimedDelivery[]>;
  /**
   * Reads deliveries that go out in one request from now on, retries included: as many as fit.
   * @throws LeaseLost
   */
  claimBatch(token: number, batch: Batch): Promise<ClaimedDelivery[]>;
  /** @throws LeaseLost; then nothing is recorded, since another node may have sent the same deliveries */
  record(token: number, outcomes: readonly Outcome[]): Promise<void>;
  /**
   * Gives up what has waited for longer; answers how many. `attempt` is stored for those that had none.
   * @throws LeaseLost
   */
  expire(token: number, webhookId: string, waitedMsMax: number, attempt: Attempt): Promise<number>;
  /** Ends waits that are longer than any that is planned: the clock was set back since. @throws LeaseLost */
  endWaitsBeyond(token: number, max: WaitsMax): Promise<void>;
  /** Deletes what is finished and old; answers how many. @throws LeaseLost */
  sweep(token: number, retention: Retention): Promise<number>;
}
