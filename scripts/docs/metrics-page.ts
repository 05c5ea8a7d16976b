/** The page of all metrics, read from the two pages that Prometheus reads. */

import { ActivityFeed } from "../../server/src/core/activity.ts";
import { noSessions } from "../../server/src/core/connections-by-transport.ts";
import { AppCounters } from "../../server/src/metrics/app-counters.ts";
import { createMetricsPages } from "../../server/src/metrics/prometheus.ts";

export async function metricsPage(): Promise<string> {
  const pages = createIdlePages();
  return `# Metrics

<!-- Written by \`npm run docs\` from the metrics in server/src/metrics. -->

Prometheus reads \`/metrics\` (the process) and \`/metrics/apps\` (each app, with the label \`app_id\`). Both answer only requests from the same machine, unless
\`SOKETIFY_METRICS_TOKEN\` or \`SOKETIFY_METRICS_PORT\` is set: see [Configuration](configuration.md). Channels, users and sockets are never labels.

\`deploy/monitoring\` has a Grafana dashboard and alert rules for Prometheus. [Runbooks](../how-to/runbooks.md) says what to do after each alert.

## The process

The page also has the usual \`process_\` and \`nodejs_\` metrics. Only nodes with a Redis URL have the \`soketify_cluster_\` metrics.
Only nodes that send [traces](../how-to/opentelemetry.md) have the \`soketify_spans_\` metrics.

${table(await pages.ofProcess())}

## Each app

${table(await pages.ofApps())}
`;
}

/** The pages of a server without apps or clients. */
export function createIdlePages() {
  const activity = new ActivityFeed();
  const none = { delivered: 0, failed: 0, retried: 0, dead: 0, refused: 0 };
  return createMetricsPages({
    activity,
    counters: new AppCounters(activity, "slow"),
    hub: { connectionCount: 0, connectionCountOf: () => 0 },
    registry: { all: () => [], rotationOf: () => null },
    clock: { now: () => 0 },
    sessions: () => noSessions,
    webhookFigures: {
      ...none,
      requestsInFlight: 0,
      pending: 0,
      mostPending: 0,
      pausedWebhooks: 0,
      oldestPendingAtMs: null,
    },
    cluster: {
      figures: () => ({ busIn: 0, busOut: 0, linesIn: 0, linesOut: 0, ignored: 0, gaps: 0, roundTripMs: 0 }),
      nodeCount: () => 1,
    },
    spans: () => ({ exported: 0, lost: 0 }),
    isDatabaseReachable: () => true,
    isDatabaseWritable: () => true,
    isReady: () => true,
  });
}

function table(text: string): string {
  const rows = [...text.matchAll(/^# HELP (soketify_\S+) (.*)\n# TYPE \S+ (\S+)/gm)].map(
    ([, name, help, type]) => `| \`${name}\` | ${type} | ${help} |`,
  );
  return ["| metric | type | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}
