/** The panels of the Grafana dashboard: what each shows and the queries for it. */

export interface Panel {
  readonly title: string;
  /** A unit of Grafana: `short`, `ops` (per second), `s`, `bytes`, `percentunit`. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

export interface Query {
  readonly expr: string;
  /** `{{label}}` stands for the value of a label. */
  readonly legend: string;
}

/** `$job` is a variable of the dashboard; `$__rate_interval` is a variable of Grafana. */
const here = '{job=~"$job"}';

export const rows: Readonly<Record<string, readonly Panel[]>> = {
  Connections: [
    panel("Open connections", "short", { "{{instance}}": `soketify_connections${here}` }),
    panel("Open connections by transport", "short", {
      "{{transport}}": `sum by (transport) (soketify_transport_connections${here})`,
    }),
    panel("Opened and closed", "ops", {
      opened: rate("soketify_connections_opened_total"),
      closed: rate("soketify_connections_closed_total"),
    }),
    panel("Refused handshakes", "ops", { "{{code}}": rate("soketify_handshakes_refused_total", "code") }),
    panel("Closed because they read too slowly", "ops", {
      closed: rate("soketify_slow_readers_closed_total"),
    }),
  ],
  Events: [
    panel("Events", "ops", {
      "from backends": rate("soketify_events_published_total"),
      "from clients": rate("soketify_client_events_total"),
    }),
    panel("Deliveries", "ops", { "frames to sockets": rate("soketify_deliveries_total") }),
    panel("Messages from clients", "ops", {
      received: rate("soketify_messages_received_total"),
      "answered with an error": rate("soketify_messages_refused_total"),
    }),
    panel("Characters of messages", "short", {
      "received per second": rate("soketify_received_characters_total"),
      "delivered per second": rate("soketify_delivered_characters_total"),
    }),
  ],
  "HTTP API": [
    panel("Requests", "ops", {
      "{{status}}": rate("soketify_api_request_duration_seconds_count", "status"),
    }),
    panel("Duration", "s", {
      "50 %": quantile(0.5, "soketify_api_request_duration_seconds_bucket"),
      "99 %": quantile(0.99, "soketify_api_request_duration_seconds_bucket"),
    }),
  ],
  Webhooks: [
    panel("Delivered and failed", "ops", {
      "events delivered": rate("soketify_webhook_deliveries_total"),
      "requests failed": rate("soketify_webhook_failed_requests_total"),
      "events failed permanently": rate("soketify_webhook_dead_deliveries_total"),
      "events dropped": rate("soketify_webhook_refused_events_total"),
    }),
    panel("Duration of requests", "s", {
      "99 %": quantile(0.99, "soketify_webhook_request_duration_seconds_bucket"),
    }),
    panel("Waiting events", "short", {
      "{{instance}}": `soketify_webhook_pending_deliveries${here}`,
      "paused webhooks": `max(soketify_webhook_paused${here})`,
    }),
    panel("Age of the oldest waiting event", "s", { age: oldestWebhookAge(here) }),
  ],
  Cluster: [
    panel("Nodes", "short", { "seen by {{instance}}": `soketify_cluster_nodes${here}` }),
    panel("Round trip to Redis", "s", { "{{instance}}": `soketify_cluster_round_trip_seconds${here}` }),
    panel("Channel entries through Redis", "ops", {
      published: rate("soketify_cluster_broker_published_total"),
      received: rate("soketify_cluster_broker_received_total"),
    }),
    panel("Gaps and unknown messages", "ops", {
      "gaps in which events may be missing": rate("soketify_cluster_gaps_total"),
      "unknown messages": rate("soketify_cluster_ignored_total"),
    }),
  ],
  Apps: [
    panel("Connections of the ten largest apps", "short", {
      "{{app_id}}": `topk(10, sum by (app_id) (soketify_app_connections{job=~"$job.*"}))`,
    }),
    panel("Events of the ten busiest apps", "ops", {
      "{{app_id}}":
        'topk(10, sum by (app_id) (rate(soketify_app_events_published_total{job=~"$job.*"}[$__rate_interval])))',
    }),
    panel("Age of the active secret", "s", {
      "{{app_id}}": 'topk(10, max by (app_id) (soketify_app_secret_age_seconds{job=~"$job.*"}))',
    }),
  ],
  Process: [
    panel("Ready, and database usable (1: yes)", "short", {
      "{{instance}} ready": `soketify_ready${here}`,
      "{{instance}} database reachable": `soketify_database_reachable${here}`,
      "{{instance}} database writable": `soketify_database_writable${here}`,
    }),
    panel("Memory", "bytes", { "{{instance}}": `process_resident_memory_bytes${here}` }),
    panel("CPU time", "percentunit", {
      "{{instance}}": `rate(process_cpu_seconds_total${here}[$__rate_interval])`,
    }),
    panel("Event loop lag, 99 %", "s", { "{{instance}}": `nodejs_eventloop_lag_p99_seconds${here}` }),
  ],
};

function panel(title: string, unit: string, queries: Readonly<Record<string, string>>): Panel {
  return { title, unit, queries: Object.entries(queries).map(([legend, expr]) => ({ expr, legend })) };
}

/** The rate per second, summed over all nodes. */
function rate(counter: string, label?: string): string {
  const by = label === undefined ? "" : ` by (${label})`;
  return `sum${by} (rate(${counter}${here}[$__rate_interval]))`;
}

function quantile(fraction: number, buckets: string): string {
  return `histogram_quantile(${fraction}, sum by (le) (rate(${buckets}${here}[$__rate_interval])))`;
}

/** Seconds; 0 while the outbox is empty. @param selector such as `{job="soketify"}` */
export function oldestWebhookAge(selector: string): string {
  const oldest = `soketify_webhook_oldest_pending_timestamp_seconds${selector}`;
  return `max((time() - ${oldest}) * (${oldest} > bool 0))`;
}
