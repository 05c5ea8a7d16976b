/** The number of pending deliveries of each webhook: counted in the database periodically, and here between the counts. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Backlog } from "../core/ports/webhook-outbox.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";

export class PendingCounts {
  readonly #figures: WebhookFigures;
  #byWebhook = new Map<string, number>();

  constructor(activity: ActivityFeed, figures: WebhookFigures) {
    this.#figures = figures;
    activity.on("webhook_attempted", ({ webhookId, events, state }) => {
      if (state !== "pending") this.#add(webhookId, -events);
    });
  }

  /** Sets the database's count. */
  set(backlog: readonly Backlog[]): void {
    this.#byWebhook = new Map(backlog.map(({ webhookId, pending }) => [webhookId, pending]));
    this.#figures.pending = backlog.reduce((sum, { pending }) => sum + pending, 0);
    this.#figures.mostPending = Math.max(0, ...backlog.map(({ pending }) => pending));
    this.#figures.oldestPendingAtMs =
      backlog.length === 0 ? null : Math.min(...backlog.map(({ oldestAtMs }) => oldestAtMs));
  }

  /** Adds one. Returns false and adds nothing if the webhook already has `max`. */
  reserve(webhookId: string, max: number): boolean {
    if ((this.#byWebhook.get(webhookId) ?? 0) >= max) return false;
    this.#add(webhookId, 1);
    return true;
  }

  /** Never goes below zero: deliveries that another node wrote were not counted here. */
  #add(webhookId: string, change: number): void {
    const before = this.#byWebhook.get(webhookId) ?? 0;
    const after = Math.max(0, before + change);
    this.#byWebhook.set(webhookId, after);
    this.#figures.pending += after - before;
    this.#figures.mostPending = Math.max(this.#figures.mostPending, after);
  }
}
