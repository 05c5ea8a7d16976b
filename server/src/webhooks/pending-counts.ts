/** How many deliveries each webhook has waiting: counted in the database now and then, and here in between. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Backlog } from "../core/ports/webhook-outbox.ts";
import type { WebhookFigures } from "../core/webhook-figures.ts";

export class PendingCounts {
  readonly #figures: WebhookFigures;
  #byWebhook = new Map<string, number>();

  constructor(activity: ActivityFeed, figures: WebhookFigures) {
    this.#figures = figures;
    activity.on("webhook_attempted", ({ webhookId, events, state }) => {
      if (state !== "pending") this.#add(webhookId, -events);
    });
  }

  /** As the database has it. */
  set(backlog: readonly Backlog[]): void {
    this.#byWebhook = new Map(backlog.map(({ webhookId, pending }) => [webhookId, pending]));
    this.#figures.pending = backlog.reduce((sum, { pending }) => sum + pending, 0);
    this.#figures.oldestPendingAtMs =
      backlog.length === 0 ? null : Math.min(...backlog.map(({ oldestAtMs }) => oldestAtMs));
  }

  /** Counts one more; false, and not counted, where the webhook has `max` already. */
  reserve(webhookId: string, max: number): boolean {
    if ((this.#byWebhook.get(webhookId) ?? 0) >= max) return false;
    this.#add(webhookId, 1);
    return true;
  }

  /** Never below nothing: what another node wrote was not counted here. */
  #add(webhookId: string, change: number): void {
    const before = this.#byWebhook.get(webhookId) ?? 0;
    const after = Math.max(0, before + change);
    this.#byWebhook.set(webhookId, after);
    this.#figures.pending += after - before;
  }
}
