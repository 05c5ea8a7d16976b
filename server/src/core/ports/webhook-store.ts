/** Where webhooks live. Their headers are sealed inside the store and plain outside of it. */
import type { Webhook } from "../webhook.ts";

export interface WebhookStore {
  /** Of all apps, the oldest first. */
  list(): Promise<Webhook[]>;
  /** A number that grows with each change of any webhook; other processes poll it. */
  version(): Promise<number>;
  /** False where the app has `perAppMax` already. */
  create(webhook: Webhook, perAppMax: number): Promise<boolean>;
  /** False where there is none any more. */
  save(webhook: Webhook): Promise<boolean>;
  /** With its deliveries. False where there was none. */
  delete(appId: string, webhookId: string): Promise<boolean>;
}
