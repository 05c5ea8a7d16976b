/** What those who manage webhooks ask of the part that sends them. */
import type { Webhook } from "./webhook.ts";
import type { Attempt } from "./webhook-outbox.ts";

export interface WebhookDesk {
  /** Why nothing may be sent there, or null. A name that does not exist yet is no problem. */
  urlProblem(url: string): Promise<string | null>;
  /** Webhooks were created, changed or deleted in the store: resolves once that counts on this node. */
  changed(): Promise<void>;
  /** There is something new in the outbox for this webhook. */
  wake(webhookId: string): void;
  /** Sends an event made up for the purpose, once, and tells what came back. */
  test(webhook: Webhook): Promise<Attempt>;
}
