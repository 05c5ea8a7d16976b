/** The measurements of this node: readiness, state and metrics. */
import type { Config } from "../config/config.ts";
import { descriptorsForSockets } from "../config/machine.ts";
import { noSessions } from "../core/connections-by-transport.ts";
import type { NodeHealth } from "../core/ports/nodes.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import { AppCounters } from "../metrics/app-counters.ts";
import { createMetricsPages, type MetricsPages } from "../metrics/prometheus.ts";
import { databaseKind } from "../storage/database/open-database.ts";
import type { SpanFigures } from "../telemetry/span-queue.ts";
import type { HttpDoor } from "../transport/http-door.ts";
import { ProcessLoad } from "../transport/process-load.ts";
import { Readiness } from "../transport/readiness.ts";
import { slowReader } from "../transport/web-socket-door.ts";
import type { SharedParts } from "./shared-parts.ts";
import type { Stores } from "./stores.ts";

/** Each node reports the problem once a second while the database is unreachable. */
const problemCharactersMax = 300;

export interface NodeWatch {
  readonly readiness: Readiness;
  readonly load: ProcessLoad;
  readonly pages: MetricsPages;
  readonly counters: AppCounters;
  health(): NodeHealth;
}

export interface WatchedParts {
  readonly webhooks: { readonly figures: WebhookFigures };
  /** Without `spans` the server sends no traces. */
  readonly telemetry: { readonly spans: (() => SpanFigures) | null };
  /** Null if the HTTP fallbacks are disabled. */
  readonly http: () => Pick<HttpDoor, "sessionCounts"> | null;
}

export function createNodeWatch(
  config: Config,
  { hub, activity, registry, clock, broker, nodes, figures }: SharedParts,
  { database, degradations }: Stores,
  { webhooks, telemetry, http }: WatchedParts,
): NodeWatch {
  const readiness = new Readiness(
    { ...config, descriptorsMax: descriptorsForSockets() },
    {
      connectionCount: () => hub.connectionCount,
      degradations: () => [...degradations(), ...(broker.problem === null ? [] : [broker.problem])],
    },
  );
  const sessions = () => http()?.sessionCounts() ?? noSessions;
  const load = new ProcessLoad();
  const counters = new AppCounters(activity, slowReader);
  const pages = createMetricsPages({
    counters,
    activity,
    hub,
    registry,
    clock,
    sessions,
    webhookFigures: webhooks.figures,
    spans: telemetry.spans,
    cluster: figures === null ? null : { figures, nodeCount: () => nodes.alive().length },
    isDatabaseReachable: () => database.isReachable,
    isDatabaseWritable: () => database.isWritable,
    isReady: () => readiness.problems().length === 0,
  });
  return {
    readiness,
    load,
    pages,
    counters,
    health: () => ({
      cpuShare: load.cpuShare,
      eventLoopLagMs: load.lagMs,
      residentBytes: process.memoryUsage.rss(),
      heapUsedBytes: process.memoryUsage().heapUsed,
      engineRoundTripMs: figures?.().roundTripMs ?? null,
      database: {
        kind: databaseKind(config.databaseUrl),
        isReachable: database.isReachable,
        problem: database.problem?.slice(0, problemCharactersMax) ?? null,
        latencyMs: database.latencyMs,
      },
      drops: { slowReaders: counters.totals().slowReaders },
      sessions: sessions(),
    }),
  };
}
