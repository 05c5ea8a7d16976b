/** The measurements of this node: readiness, state and metrics. */
import type { Node } from "../admin-api/contracts/server.ts";
import type { Config } from "../config/config.ts";
import { descriptorsForSockets } from "../config/machine.ts";
import type { WebhookFigures } from "../core/webhook-figures.ts";
import { AppCounters } from "../metrics/app-counters.ts";
import { createMetricsPages, type MetricsPages } from "../metrics/prometheus.ts";
import { databaseKind } from "../storage/open-database.ts";
import { EventLoopLag } from "../transport/event-loop-lag.ts";
import { Readiness } from "../transport/readiness.ts";
import { slowReader } from "../transport/web-socket-door.ts";
import type { SharedParts } from "./shared-parts.ts";
import type { Stores } from "./stores.ts";

export type NodeState = Omit<Node, "id" | "hostname" | "version" | "startedAt" | "uptimeMs">;

export interface NodeWatch {
  readonly readiness: Readiness;
  readonly lag: EventLoopLag;
  readonly pages: MetricsPages;
  readonly counters: AppCounters;
  describe(): NodeState;
}

export function createNodeWatch(
  config: Config,
  { hub, activity, registry, clock, broker }: SharedParts,
  { database, degradations }: Stores,
  webhookFigures: WebhookFigures,
): NodeWatch {
  const readiness = new Readiness(
    { ...config, descriptorsMax: descriptorsForSockets() },
    {
      connectionCount: () => hub.connectionCount,
      degradations: () => [...degradations(), ...(broker.problem === null ? [] : [broker.problem])],
    },
  );
  const lag = new EventLoopLag();
  const counters = new AppCounters(activity, slowReader);
  const pages = createMetricsPages({
    ...{ counters, activity, hub, registry, clock, webhookFigures },
    isDatabaseReachable: () => database.isReachable,
    isDatabaseWritable: () => database.isWritable,
    isReady: () => readiness.problems().length === 0,
  });
  return {
    ...{ readiness, lag, pages, counters },
    describe: () => ({
      isDraining: readiness.isDraining,
      connectionCount: hub.connectionCount,
      residentBytes: process.memoryUsage.rss(),
      heapUsedBytes: process.memoryUsage().heapUsed,
      eventLoopLagMs: lag.latestMs,
      database: {
        kind: databaseKind(config.databaseUrl),
        isReachable: database.isReachable,
        problem: database.problem,
      },
      drops: { slowReaders: counters.totals().slowReaders },
    }),
  };
}
