/** The webhooks in memory, for tests. */

import type { WebhookStore } from "../../../src/core/ports/webhook-store.ts";
import type { Webhook } from "../../../src/core/webhooks/webhook.ts";

export class MemoryWebhookStore implements WebhookStore {
  readonly #webhooks = new Map<string, Webhook>();
  #version = 0;
  #isLocalhostAllowed = false;

  async list(): Promise<Webhook[]> {
    return [...this.#webhooks.values()];
  }

  async version(): Promise<number> {
    return this.#version;
  }

  async create(webhook: Webhook, perAppMax: number): Promise<boolean> {
    const ofApp = [...this.#webhooks.values()].filter(({ appId }) => appId === webhook.appId);
    if (ofApp.length >= perAppMax || this.#webhooks.has(webhook.id)) return false;
    this.#put(webhook);
    return true;
  }

  async save(webhook: Webhook): Promise<boolean> {
    if (this.#webhooks.get(webhook.id)?.appId !== webhook.appId) return false;
    this.#put(webhook);
    return true;
  }

  async disable({ id, url }: Pick<Webhook, "id" | "url">, disabledReason: string): Promise<boolean> {
    const webhook = this.#webhooks.get(id);
    if (webhook?.url !== url || !webhook.isEnabled) return false;
    this.#put({ ...webhook, isEnabled: false, disabledReason });
    return true;
  }

  async delete(appId: string, webhookId: string): Promise<boolean> {
    if (this.#webhooks.get(webhookId)?.appId !== appId) return false;
    this.#version += 1;
    return this.#webhooks.delete(webhookId);
  }

  async isLocalhostAllowed(): Promise<boolean> {
    return this.#isLocalhostAllowed;
  }

  async allowLocalhost(isAllowed: boolean): Promise<void> {
    this.#isLocalhostAllowed = isAllowed;
  }

  #put(webhook: Webhook): void {
    this.#webhooks.set(webhook.id, webhook);
    this.#version += 1;
  }
}
