/** What those who manage webhooks ask of the part that sends them. */
import type { Webhook } from "../webhook.ts";
import type { Attempt } from "./webhook-outbox.ts";

/** How a receiver has answered since this node began to deliver. */
export interface Circuit {
  readonly failuresInARow: number;
  /** So many that only one request is tried now and then. */
  readonly isPaused: boolean;
  /** Nothing goes out before. */
  readonly pausedUntilMs: number;
}

export interface UrlProblem {
  readonly reason: string;
  /** The same with the addresses of the network, for those who run the server. */
  readonly detail: string;
}

export interface WebhookControl {
  /** Why nothing may be sent there, or null. A name that does not exist yet is no problem. */
  urlProblem(url: string): Promise<UrlProblem | null>;
  /** Webhooks were created, changed or deleted in the store: resolves once that counts on this node. */
  changed(): Promise<void>;
  /** Somebody changed the webhook or replayed a delivery: what is due goes out, even where it was paused. */
  tryNow(webhookId: string): void;
  /** Null where another node delivers. */
  circuit(webhookId: string): Circuit | null;
  /** Sends an event made up for the purpose, once, and answers what came back. `detail` may name internal addresses. */
  test(webhook: Webhook): Promise<{ readonly attempt: Attempt; readonly detail: string | null }>;
}
