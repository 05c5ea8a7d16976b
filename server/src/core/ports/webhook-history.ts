/** What became of the deliveries of a webhook, for the people who manage it. */
import type { Attempt, DeliveryState, NewDelivery } from "./webhook-outbox.ts";

export interface DeliveryRecord extends NewDelivery {
  readonly sequence: number;
  /** The request it went out with; null where it went alone. */
  readonly messageId: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When the next attempt is planned; null where none waits for its time. */
  readonly nextAttemptAtMs: number | null;
  readonly lastAttempt: Attempt | null;
}

/** What the outbox holds of one webhook. */
export interface Tally {
  readonly webhookId: string;
  readonly waiting: number;
  readonly waitingSinceMs: number | null;
  /** Null where something may go out at once, or nothing waits. */
  readonly nextAttemptAtMs: number | null;
  readonly givenUp: number;
  /** Of the latest event that was delivered. */
  readonly lastDeliveredAtMs: number | null;
}

export interface WebhookHistory {
  /** @param isBatching the whole webhook is one lane */
  tally(webhook: { readonly id: string; readonly isBatching: boolean }): Promise<Tally>;
  /** The latest first, those written before `beforeSequence` where that is given. */
  list(
    webhookId: string,
    filter: { readonly state: DeliveryState | null; readonly beforeSequence: number | null },
    limit: number,
  ): Promise<DeliveryRecord[]>;
  /** Sends what is finished once more, with all that went out in its request. False where there is none. */
  replay(webhookId: string, deliveryId: string): Promise<boolean>;
}
