/** All apps' webhooks in memory. */
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import type { Webhook, WebhookEventType } from "../core/webhooks/webhook.ts";
import { withPartners } from "./webhook-event.ts";

interface AppEntry {
  readonly webhooks: readonly Webhook[];
  readonly watched: ReadonlySet<WebhookEventType>;
}

export class WebhookDirectory {
  readonly #store: WebhookStore;
  #byApp = new Map<string, AppEntry>();
  #byId = new Map<string, Webhook>();
  #version = -1;

  constructor(store: WebhookStore) {
    this.#store = store;
  }

  /** Reads the webhooks again if one has changed. */
  async refresh(): Promise<void> {
    const version = await this.#store.version();
    if (version === this.#version) return;
    const webhooks = await this.#store.list();
    this.#byId = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
    this.#byApp = new Map();
    for (const [appId, ofApp] of Map.groupBy(webhooks, (webhook) => webhook.appId)) {
      const enabled = ofApp.filter(({ isEnabled }) => isEnabled);
      const watched = withPartners(enabled.flatMap(({ events }) => events));
      this.#byApp.set(appId, { webhooks: enabled, watched });
    }
    this.#version = version;
  }

  /** True if no app has a webhook, not even a disabled one. */
  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  find(webhookId: string): Webhook | null {
    return this.#byId.get(webhookId) ?? null;
  }

  /** The app's enabled webhooks. */
  ofApp(appId: string): readonly Webhook[] {
    return this.#byApp.get(appId)?.webhooks ?? [];
  }

  watches(appId: string, type: WebhookEventType): boolean {
    return this.#byApp.get(appId)?.watched.has(type) ?? false;
  }
}
