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
  #readsBegun = 0;
  /** The number of the latest read whose result is in use. */
  #readInUse = 0;

  constructor(store: WebhookStore) {
    this.#store = store;
  }

  /** Reads the webhooks again if one has changed. A change that was stored before the call is in use when it resolves. */
  async refresh(): Promise<void> {
    this.#readsBegun += 1;
    const read = this.#readsBegun;
    const version = await this.#store.version();
    const webhooks = version === this.#version ? null : await this.#store.list();
    // A slow read must not undo a newer one.
    if (read < this.#readInUse) return;
    this.#readInUse = read;
    if (webhooks === null) return;
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

  /** Whether the app has a webhook, even a disabled one. */
  has(appId: string): boolean {
    return this.#byApp.has(appId);
  }

  watches(appId: string, type: WebhookEventType): boolean {
    return this.#byApp.get(appId)?.watched.has(type) ?? false;
  }
}
