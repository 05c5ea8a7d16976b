/** The part of webhook delivery that webhook management uses. */
import type { Webhook } from "../webhooks/webhook.ts";
import type { Attempt } from "./webhook-outbox.ts";

/** The recent results of a receiver, since this node began to deliver. */
export interface Circuit {
  readonly failuresInARow: number;
  /** True after so many failures that only an occasional request is tried. */
  readonly isPaused: boolean;
  /** No request is sent before this time. */
  readonly pausedUntilMs: number;
}

export interface UrlProblem {
  readonly reason: string;
  /** The reason with internal network addresses, for the server's operators. */
  readonly detail: string;
}

export interface WebhookControl {
  /** Why requests to the URL are not allowed; null: they are. A host name that does not resolve yet is allowed. */
  urlProblem(url: string): Promise<UrlProblem | null>;
  /** Call after webhooks were created, changed or deleted in the store. Resolves once the nodes use the change. */
  changed(): Promise<void>;
  /**
   * Sends the due deliveries now, even if the webhook is paused. Called after a person changed the webhook or replayed a
   * delivery.
   */
  tryNow(webhookId: string): void;
  /** Null if another node delivers webhooks. */
  circuit(webhookId: string): Circuit | null;
  /** Sends one test event once and returns the result. `detail` may contain internal addresses. */
  test(webhook: Webhook): Promise<{ readonly attempt: Attempt; readonly detail: string | null }>;
}
