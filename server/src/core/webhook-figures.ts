/** What webhooks count, for whoever shows it. Since the start, on this node. */
import type { ActivityFeed } from "./activity.ts";

export class WebhookFigures {
  /** Events refused because the memory before the database, or the webhook's part of the database, was full. */
  refused = 0;
  delivered = 0;
  /** Attempts without a 2xx. */
  failed = 0;
  /** Attempts after the first. */
  retried = 0;
  /** Deliveries given up. */
  dead = 0;
  requestsInFlight = 0;
  /** As the database had it at the last count, with what has changed here since. */
  pending = 0;
  /** At the last count. */
  oldestPendingAtMs: number | null = null;
  pausedWebhooks = 0;

  constructor(activity: ActivityFeed) {
    activity.on("webhook_attempted", ({ events, attempts, state }) => {
      if (state === "delivered") this.delivered += events;
      else this.failed += 1;
      if (state === "dead") this.dead += events;
      if (attempts > 1) this.retried += 1;
    });
  }
}
