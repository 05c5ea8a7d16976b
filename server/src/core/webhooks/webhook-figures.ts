/** Counters of webhook deliveries on this node since its start, for metrics and the admin API. */
import type { ActivityFeed } from "../activity.ts";

export class WebhookFigures {
  /** Events dropped because the buffer in memory or the webhook's share of the database was full. */
  refused = 0;
  delivered = 0;
  /** Attempts without a 2xx answer. */
  failed = 0;
  /** Attempts after the first. */
  retried = 0;
  /** Deliveries given up. */
  dead = 0;
  requestsInFlight = 0;
  /** Pending deliveries: the last count in the database, plus this node's changes since then. */
  pending = 0;
  /** The pending deliveries of the webhook that has the most. */
  mostPending = 0;
  /** At the last count. Unix time in milliseconds; null if none was pending. */
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
