/** Stores webhooks. The store encrypts their headers when it writes and decrypts them when it reads. */
import type { Webhook } from "../webhooks/webhook.ts";

export interface WebhookStore {
  /** The webhooks of all apps, oldest first. */
  list(): Promise<Webhook[]>;
  /** A number that grows with each change of any webhook. Other processes poll it to notice changes. */
  version(): Promise<number>;
  /** Returns false if the app already has `perAppMax` webhooks, or there is a webhook with this id. */
  create(webhook: Webhook, perAppMax: number): Promise<boolean>;
  /** Returns false if the webhook no longer exists. */
  save(webhook: Webhook): Promise<boolean>;
  /**
   * Disables the webhook for this reason if it is enabled and still has this URL: its owner may have changed it while a
   * request was in progress. Returns false if nothing was changed.
   */
  disable(webhook: Pick<Webhook, "id" | "url">, reason: string): Promise<boolean>;
  /** Deletes the webhook and its deliveries. Returns false if there was none. */
  delete(appId: string, webhookId: string): Promise<boolean>;
  /** Whether the operator allowed webhooks to services of the server's own computer. At first they are not. */
  isLocalhostAllowed(): Promise<boolean>;
  allowLocalhost(isAllowed: boolean): Promise<void>;
}
