/** The Prometheus alerts. Each has a runbook, and test series for which it must fire. */
import { oldestWebhookAge } from "./panels.ts";

export interface Alert {
  readonly name: string;
  readonly expr: string;
  /** How long the expression must be true, in minutes. */
  readonly minutes: number;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  /** The meaning, the diagnosis and the fix, in Markdown. */
  readonly runbook: string;
  /** For `promtool test rules`: one sample per minute. The alert fires for `firing` and does not fire for `quiet`. */
  readonly firing: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
  /** When the test evaluates the alert, in minutes after the first sample; by default six minutes after `minutes`. */
  readonly triedAtMinute?: number;
}

const node = '{job="soketify", instance="node-1"}';

export const alerts: readonly Alert[] = [
  {
    name: "SoketifyNodeDown",
    expr: 'up{job="soketify"} == 0',
    minutes: 1,
    severity: "critical",
    summary: "Prometheus cannot read the metrics of {{ $labels.instance }}",
    runbook: `The process ended, hangs, or is unreachable. Its clients connect to the other nodes.

1. Read the end of its log: \`journalctl -u soketify\`, \`docker logs\` or \`kubectl logs --previous\`.
2. On its machine run \`soketify doctor\`. It checks the ports, the database, the master key and the limits.
3. If the process runs, try \`curl http://HOST:METRICS_PORT/health/live\` from the machine of Prometheus. If there is no response, a
   firewall or a network policy blocks it; 401 means that \`SOKETIFY_METRICS_TOKEN\` is set and Prometheus does not send it.`,
    firing: { [`up${node}`]: "1 0x10" },
    quiet: { [`up${node}`]: "1x10" },
  },
  {
    name: "SoketifyNotReady",
    expr: "soketify_ready == 0",
    minutes: 5,
    severity: "warning",
    summary: "{{ $labels.instance }} accepts no new connections",
    runbook: `The node starts or drains, or cannot serve clients. A load balancer that checks \`/health/ready\` sends it no new connections.

1. \`curl http://HOST:METRICS_PORT/health/ready\` shows the reason.
2. A node that drains for longer than \`drainGraceMs\` and \`drainMs\` is stuck: send it a second SIGTERM, which stops it immediately.`,
    firing: { [`soketify_ready${node}`]: "0x10" },
    quiet: { [`soketify_ready${node}`]: "0 0 1x10" },
  },
  {
    name: "SoketifyDatabaseUnreachable",
    expr: "soketify_database_reachable == 0",
    minutes: 2,
    severity: "critical",
    summary: "{{ $labels.instance }} cannot reach its database",
    runbook: `Apps that the node knows are still served from memory. Login, changes of apps, and apps that are not in memory fail with 503.

1. \`soketify doctor\` on the node prints the error of the database.
2. Check that the database runs, accepts connections, and has connections left.
3. No restart is needed: the node retries.`,
    firing: { [`soketify_database_reachable${node}`]: "0x10" },
    quiet: { [`soketify_database_reachable${node}`]: "1 0 1x10" },
  },
  {
    name: "SoketifyDatabaseNotWritable",
    expr: "soketify_database_writable == 0 and soketify_database_reachable == 1",
    minutes: 5,
    severity: "critical",
    summary: "The database of {{ $labels.instance }} accepts no writes",
    runbook: `The disk is full or read-only, the database is a replica, or another program holds a lock. Changes fail. Events for webhooks
wait in memory, and are dropped once the queue is full.

1. Free space on the disk of the database (\`df -h\`), or of the data folder for SQLite.
2. For PostgreSQL and MySQL check that the address is that of the primary.
3. For SQLite look for another program that has the file open: \`fuser DATA_FOLDER/soketify.db\`.`,
    firing: { [`soketify_database_writable${node}`]: "0x10", [`soketify_database_reachable${node}`]: "1x10" },
    quiet: { [`soketify_database_writable${node}`]: "0x10", [`soketify_database_reachable${node}`]: "0x10" },
  },
  {
    name: "SoketifyRedisUnreachable",
    expr: "soketify_cluster_nodes unless on (job, instance) soketify_cluster_round_trip_seconds",
    minutes: 1,
    severity: "critical",
    summary: "{{ $labels.instance }} cannot reach Redis",
    runbook: `The node delivers only what is published on it. Clients of different nodes do not see each other's events.

1. \`redis-cli -u REDIS_URL ping\` from the node.
2. Check the memory of Redis: it must run with \`noeviction\`, and refuses writes when it is full.
3. No restart is needed: the node reconnects.`,
    firing: { [`soketify_cluster_nodes${node}`]: "3x10" },
    quiet: {
      [`soketify_cluster_nodes${node}`]: "3x10",
      [`soketify_cluster_round_trip_seconds${node}`]: "0.001x10",
    },
  },
  {
    name: "SoketifyLinesBroke",
    expr: "increase(soketify_cluster_gaps_total[10m]) > 0",
    minutes: 0,
    severity: "warning",
    summary: "{{ $labels.instance }} may have missed events of other nodes",
    runbook: `The link to Redis broke, or Redis restarted. Clients of channels with a history recover; others may have missed events.

1. The log of the node shows when the link broke and was restored.
2. If it repeats, check the network and Redis' \`client-output-buffer-limit pubsub\`: Redis disconnects a node that reads too slowly.`,
    firing: { [`soketify_cluster_gaps_total${node}`]: "0 0 1x10" },
    quiet: { [`soketify_cluster_gaps_total${node}`]: "5x10" },
  },
  {
    name: "SoketifyConnectionsDropped",
    expr: "sum by (job) (soketify_connections) < 0.5 * sum by (job) (soketify_connections offset 10m) and sum by (job) (soketify_connections offset 10m) > 100",
    minutes: 1,
    severity: "critical",
    summary: "More than half of the connections were lost within ten minutes",
    runbook: `Something between the clients and the server breaks the connections, or the clients were stopped.

1. Look for other alerts first: a node that is down, a certificate that expired.
2. Open the dashboard through its public URL. If it does not load, look at the proxy and at DNS.
3. Look at the panel of refused handshakes: 4001 means an unknown key, 4003 a disabled app, 4004 a limit.`,
    triedAtMinute: 12,
    firing: { [`soketify_connections${node}`]: "1000x10 10x10" },
    quiet: { [`soketify_connections${node}`]: "1000x10 900x10" },
  },
  {
    name: "SoketifyHandshakesRefused",
    expr: "sum by (job) (rate(soketify_handshakes_refused_total[5m])) > 0.2 * sum by (job) (rate(soketify_connections_opened_total[5m])) and sum by (job) (rate(soketify_handshakes_refused_total[5m])) > 0.1",
    minutes: 10,
    severity: "warning",
    summary: "Many WebSocket handshakes are refused",
    runbook: `The code is the reason: see [Errors and close codes](../reference/errors.md). The panel of refused handshakes shows the codes.

1. 4001: clients use a key that no app has, such as after an app was deleted.
2. 4003: the app is disabled. 4009: clients come from an origin that the app does not allow.
3. 4004: the app reached its limit of connections. Raise it in the app's settings.`,
    firing: {
      'soketify_handshakes_refused_total{job="soketify", instance="node-1", code="4001"}': "0+60x20",
      [`soketify_connections_opened_total${node}`]: "0+60x20",
    },
    quiet: {
      'soketify_handshakes_refused_total{job="soketify", instance="node-1", code="4001"}': "0+60x20",
      [`soketify_connections_opened_total${node}`]: "0+6000x20",
    },
  },
  {
    name: "SoketifySlowReaders",
    expr: "sum by (job) (rate(soketify_slow_readers_closed_total[5m])) > 0.1",
    minutes: 10,
    severity: "warning",
    summary: "Connections are closed because they read too slowly",
    runbook: `Clients, or the network to them, cannot keep up with the published events.

1. The dashboard's page of an app's connections shows which app it is.
2. Publish less, or smaller, events on its busiest channels, or spread them over more channels.
3. If it is only one network, its proxy may buffer: see [Run behind a proxy](behind-a-proxy.md).`,
    firing: { [`soketify_slow_readers_closed_total${node}`]: "0+60x20" },
    quiet: { [`soketify_slow_readers_closed_total${node}`]: "0+1x20" },
  },
  {
    name: "SoketifyApiErrors",
    expr: 'sum by (job) (rate(soketify_api_request_duration_seconds_count{status=~"5.."}[5m])) > 0.01 * sum by (job) (rate(soketify_api_request_duration_seconds_count[5m]))',
    minutes: 5,
    severity: "critical",
    summary: "More than 1 % of the HTTP API's requests fail with 5xx",
    runbook: `Backends cannot publish.

1. The log has the stack of each error 500.
2. 503 means that the database or Redis is unreachable: look for their alerts.`,
    firing: {
      'soketify_api_request_duration_seconds_count{job="soketify", status="500"}': "0+60x20",
      'soketify_api_request_duration_seconds_count{job="soketify", status="200"}': "0+600x20",
    },
    quiet: {
      'soketify_api_request_duration_seconds_count{job="soketify", status="500"}': "0x20",
      'soketify_api_request_duration_seconds_count{job="soketify", status="200"}': "0+600x20",
    },
  },
  {
    name: "SoketifyApiSlow",
    expr: "histogram_quantile(0.99, sum by (job, le) (rate(soketify_api_request_duration_seconds_bucket[5m]))) > 0.25",
    minutes: 10,
    severity: "warning",
    summary: "1 % of the HTTP API's requests take more than 250 ms",
    runbook: `Compare the event loop's lag, the CPU time and the round trip to Redis.

1. If the lag is high, the node is overloaded. Add nodes, or move a busy app to others.
2. If the round trip is slow, Redis is busy or far away.
3. If neither is high, requests with many channels or events take longer: the duration by route is in \`soketify_api_request_duration_seconds\`.`,
    firing: {
      'soketify_api_request_duration_seconds_bucket{job="soketify", le="0.25"}': "0+10x20",
      'soketify_api_request_duration_seconds_bucket{job="soketify", le="1"}': "0+60x20",
      'soketify_api_request_duration_seconds_bucket{job="soketify", le="+Inf"}': "0+60x20",
    },
    quiet: {
      'soketify_api_request_duration_seconds_bucket{job="soketify", le="0.25"}': "0+60x20",
      'soketify_api_request_duration_seconds_bucket{job="soketify", le="1"}': "0+60x20",
      'soketify_api_request_duration_seconds_bucket{job="soketify", le="+Inf"}': "0+60x20",
    },
  },
  {
    name: "SoketifyWebhooksLate",
    expr: `${oldestWebhookAge("")} > 600`,
    minutes: 5,
    severity: "warning",
    summary: "The oldest event for a webhook has waited for more than ten minutes",
    runbook: `A receiver fails or is too slow. Its events wait in the outbox and are retried.

1. The dashboard's page of webhooks shows each one's latest attempts and the receiver's answers.
2. Repair the receiver, or disable the webhook: see [Receive webhooks](webhooks.md).`,
    triedAtMinute: 18,
    firing: { [`soketify_webhook_oldest_pending_timestamp_seconds${node}`]: "1x30" },
    quiet: { [`soketify_webhook_oldest_pending_timestamp_seconds${node}`]: "0x30" },
  },
  {
    name: "SoketifyWebhookEventsLost",
    expr: "increase(soketify_webhook_dead_deliveries_total[15m]) + increase(soketify_webhook_refused_events_total[15m]) > 0",
    minutes: 0,
    severity: "critical",
    summary: "Events for webhooks were given up or dropped",
    runbook: `Every attempt failed, or the outbox was full.

1. The dashboard's page of webhooks lists the failed deliveries and sends them again on request.
2. Dropped events are lost. Find out what filled the outbox: usually a receiver that was unreachable for hours.`,
    firing: {
      [`soketify_webhook_dead_deliveries_total${node}`]: "0 0 4x10",
      [`soketify_webhook_refused_events_total${node}`]: "0x12",
    },
    quiet: {
      [`soketify_webhook_dead_deliveries_total${node}`]: "4x12",
      [`soketify_webhook_refused_events_total${node}`]: "0x12",
    },
  },
  {
    name: "SoketifyEventLoopSlow",
    expr: "nodejs_eventloop_lag_p99_seconds > 0.5",
    minutes: 5,
    severity: "warning",
    summary: "The event loop of {{ $labels.instance }} is late by more than half a second",
    runbook: `The process needs more than one core, or the machine is short of CPU time or memory.

1. Compare the CPU time of the process with one core.
2. If it is near 100 %, add nodes. If it is far below, another program uses the machine, or the machine swaps.`,
    firing: { [`nodejs_eventloop_lag_p99_seconds${node}`]: "1x10" },
    quiet: { [`nodejs_eventloop_lag_p99_seconds${node}`]: "0.01x10" },
  },
];
