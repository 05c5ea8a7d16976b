/** Prometheus metrics of webhooks. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { ActivityFeed } from "../core/activity.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";

const counterHelp = {
  delivered: ["webhook_deliveries_total", "Events delivered to a webhook's receiver"],
  failed: ["webhook_failed_requests_total", "Requests to webhooks without a 2xx response"],
  retried: ["webhook_retried_requests_total", "Requests to webhooks that retry a message"],
  dead: ["webhook_dead_deliveries_total", "Events that failed permanently"],
  refused: [
    "webhook_refused_events_total",
    "Events dropped because the outbox or its memory buffer was full",
  ],
} as const;

const gaugeHelp = {
  requestsInFlight: ["webhook_requests_in_flight", "Requests to webhooks in progress on this node"],
  pending: ["webhook_pending_deliveries", "Events in the outbox that are not delivered yet"],
  pausedWebhooks: ["webhook_paused", "Webhooks that failed repeatedly and get only occasional requests"],
} as const;

export function addWebhookMetrics(register: Registry, figures: WebhookFigures, activity: ActivityFeed): void {
  const registers = [register];
  for (const key of Object.keys(counterHelp) as (keyof typeof counterHelp)[]) {
    const [name, help] = counterHelp[key];
    new Counter({
      name: `soketify_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(figures[key]);
      },
    });
  }
  for (const key of Object.keys(gaugeHelp) as (keyof typeof gaugeHelp)[]) {
    const [name, help] = gaugeHelp[key];
    new Gauge({
      name: `soketify_${name}`,
      help,
      registers,
      collect() {
        this.set(figures[key]);
      },
    });
  }
  new Gauge({
    name: "soketify_webhook_oldest_pending_timestamp_seconds",
    help: "Time of the oldest event in the outbox; 0 if the outbox is empty",
    registers,
    collect() {
      this.set((figures.oldestPendingAtMs ?? 0) / 1_000);
    },
  });
  const durations = new Histogram({
    name: "soketify_webhook_request_duration_seconds",
    help: "Time from the start of a request to a webhook to the end of the response",
    labelNames: ["outcome"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10],
    registers,
  });
  activity.on("webhook_attempted", ({ durationMs, state }) =>
    durations.observe({ outcome: state === "delivered" ? "success" : "failure" }, durationMs / 1_000),
  );
}
