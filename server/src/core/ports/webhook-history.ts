/** The deliveries of a webhook and their results, for the people who manage it. */
import type { Attempt, DeliveryState, NewDelivery } from "./webhook-outbox.ts";

export interface DeliveryRecord extends Omit<NewDelivery, "cause"> {
  readonly sequence: number;
  /** The id of the batch request that contained it; null if it was sent alone. */
  readonly messageId: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** The time of the next attempt; null if none is scheduled. */
  readonly nextAttemptAtMs: number | null;
  readonly lastAttempt: Attempt | null;
}

/** The deliveries of one webhook in the outbox. */
export interface Tally {
  readonly webhookId: string;
  readonly waiting: number;
  readonly waitingSinceMs: number | null;
  /** Null if a delivery is due now or none is pending. */
  readonly nextAttemptAtMs: number | null;
  readonly givenUp: number;
  /** When the latest event was delivered; null if none was. */
  readonly lastDeliveredAtMs: number | null;
}

export interface WebhookHistory {
  /** @param isBatching the whole webhook is one lane */
  tally(webhook: { readonly id: string; readonly isBatching: boolean }): Promise<Tally>;
  /** The ids of the webhooks that have deliveries which were given up and not replayed. */
  givenUp(): Promise<Set<string>>;
  /** Newest first; with `beforeSequence`, only those with a lower sequence. */
  list(
    webhookId: string,
    filter: { readonly state: DeliveryState | null; readonly beforeSequence: number | null },
    limit: number,
  ): Promise<DeliveryRecord[]>;
  /** Makes a finished delivery pending again, with all deliveries of its request. Returns false if there is none. */
  replay(webhookId: string, deliveryId: string): Promise<boolean>;
  /** Makes all deliveries that were given up pending again. Returns how many. */
  replayGivenUp(webhookId: string): Promise<number>;
}
