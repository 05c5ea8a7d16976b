/** The two pages for Prometheus: process metrics and app metrics. Channels, users and sockets are never labels. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { connectionsByTransport, type SessionCounts } from "../core/connections-by-transport.ts";
import type { Hub } from "../core/hub.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import type { AppCounters, Counters } from "./app-counters.ts";
import { addClusterMetrics, type ClusterMetricsNeeds } from "./cluster-metrics.ts";
import { RequestDurations } from "./request-durations.ts";
import { addWebhookMetrics } from "./webhook-metrics.ts";

/** Each sample wakes the process, and this is most of the work of an idle server. So it samples no more often than a scrape needs. */
const eventLoopSampledEveryMs = 1_000;

export interface MetricsPages {
  readonly contentType: string;
  ofProcess(): Promise<string>;
  ofApps(): Promise<string>;
}

const counterHelp: { readonly [Name in keyof Counters]: readonly [name: string, help: string] } = {
  connectionsOpened: ["connections_opened_total", "Client connections opened"],
  connectionsClosed: ["connections_closed_total", "Client connections closed"],
  slowReaders: ["slow_readers_closed_total", "Connections closed because they read too slowly"],
  messagesReceived: ["messages_received_total", "Messages from clients"],
  bytesReceived: ["received_characters_total", "Characters of the messages from clients"],
  messagesRefused: ["messages_refused_total", "Messages from clients that were answered with an error"],
  clientEvents: ["client_events_total", "Client events relayed"],
  eventsPublished: ["events_published_total", "Events accepted from backends"],
  deliveries: ["deliveries_total", "Event frames handed to sockets"],
  bytesDelivered: ["delivered_characters_total", "Characters of the event frames handed to sockets"],
  apiRequests: ["api_requests_total", "HTTP API requests of known apps"],
  apiErrors: ["api_errors_total", "HTTP API requests of known apps answered with 4xx or 5xx"],
  handshakesRefused: ["client_handshakes_refused_total", "Client handshakes of known apps that were refused"],
};

export interface MetricsNeeds {
  readonly counters: AppCounters;
  readonly activity: ActivityFeed;
  readonly hub: Pick<Hub, "connectionCount" | "connectionCountOf">;
  readonly registry: Pick<AppRegistry, "all" | "rotationOf">;
  readonly clock: Pick<Clock, "now">;
  readonly webhookFigures: WebhookFigures;
  /** Null for a node that is alone. */
  readonly cluster: ClusterMetricsNeeds | null;
  /** The spans sent over OTLP, and those that were not; null if the server sends no traces. */
  readonly spans: (() => { readonly exported: number; readonly lost: number }) | null;
  /** The connections without WebSocket. */
  readonly sessions: () => SessionCounts;
  readonly isDatabaseReachable: () => boolean;
  readonly isDatabaseWritable: () => boolean;
  readonly isReady: () => boolean;
}

export function createMetricsPages(needs: MetricsNeeds): MetricsPages {
  const process = new Registry();
  collectDefaultMetrics({ register: process, eventLoopMonitoringPrecision: eventLoopSampledEveryMs });
  addProcessMetrics(process, needs);
  addConnectionMetrics(process, needs);
  addWebhookMetrics(process, needs.webhookFigures, needs.activity);
  if (needs.cluster !== null) addClusterMetrics(process, needs.cluster);
  if (needs.spans !== null) addSpanMetrics(process, needs.spans);
  const durations = new RequestDurations();
  needs.activity.on("api_request", (request) => durations.observe(request));
  const apps = new Registry();
  addAppMetrics(apps, needs);
  return {
    contentType: process.contentType,
    ofProcess: async () => `${await process.metrics()}\n${durations.text()}`,
    ofApps: () => apps.metrics(),
  };
}

function addProcessMetrics(
  register: Registry,
  { counters, isDatabaseReachable, isDatabaseWritable, isReady }: MetricsNeeds,
): void {
  const registers = [register];
  for (const name of Object.keys(counterHelp) as (keyof Counters)[]) {
    const [metric, help] = counterHelp[name];
    new Counter({
      name: `soketify_${metric}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(counters.totals()[name]);
      },
    });
  }
  new Gauge({
    name: "soketify_database_reachable",
    help: "1 while the database is reachable, 0 while loaded apps are served without it",
    registers,
    collect() {
      this.set(isDatabaseReachable() ? 1 : 0);
    },
  });
  new Gauge({
    name: "soketify_database_writable",
    help: "1 while the database accepts writes, 0 while it does not, such as on a full or read-only disk or during a long lock",
    registers,
    collect() {
      this.set(isDatabaseWritable() ? 1 : 0);
    },
  });
  new Gauge({
    name: "soketify_ready",
    help: "1 while new connections are accepted, 0 while /health/ready answers 503",
    registers,
    collect() {
      this.set(isReady() ? 1 : 0);
    },
  });
}

function addConnectionMetrics(register: Registry, { activity, hub, sessions }: MetricsNeeds): void {
  const registers = [register];
  new Gauge({
    name: "soketify_connections",
    help: "Client connections open now",
    registers,
    collect() {
      this.set(hub.connectionCount);
    },
  });
  new Gauge({
    name: "soketify_transport_connections",
    help: "Client connections open now, by transport: websocket, xhr_streaming or xhr_polling",
    labelNames: ["transport"],
    registers,
    collect() {
      for (const [transport, count] of Object.entries(
        connectionsByTransport(hub.connectionCount, sessions()),
      ))
        this.set({ transport }, count);
    },
  });
  const refused = new Counter({
    name: "soketify_handshakes_refused_total",
    help: "Client connections rejected at the handshake",
    labelNames: ["code"],
    registers,
  });
  activity.on("handshake_refused", ({ code }) => refused.inc({ code }));
}

function addSpanMetrics(register: Registry, spans: NonNullable<MetricsNeeds["spans"]>): void {
  const help = {
    exported: "Spans that the OTLP receiver accepted",
    lost: "Spans that were not sent: the queue was full, or the receiver refused them",
  } as const;
  for (const key of ["exported", "lost"] as const)
    new Counter({
      name: `soketify_spans_${key}_total`,
      help: help[key],
      registers: [register],
      collect() {
        this.reset();
        this.inc(spans()[key]);
      },
    });
}

function addAppMetrics(register: Registry, { counters, hub, registry, clock }: MetricsNeeds): void {
  const registers = [register];
  const labelNames = ["app_id"];
  for (const name of Object.keys(counterHelp) as (keyof Counters)[]) {
    const [metric, help] = counterHelp[name];
    new Counter({
      name: `soketify_app_${metric}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const [appId, counted] of counters.all()) this.inc({ app_id: appId }, counted[name]);
      },
    });
  }
  new Gauge({
    name: "soketify_app_connections",
    help: "Client connections of the app open now",
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { id } of registry.all()) this.set({ app_id: id }, hub.connectionCountOf(id));
    },
  });
  new Gauge({
    name: "soketify_app_secret_age_seconds",
    help: "Time since the app's active secret was activated",
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { id } of registry.all()) {
        const rotation = registry.rotationOf(id);
        if (rotation !== null) this.set({ app_id: id }, (clock.now() - rotation.activeSinceMs) / 1000);
      }
    },
  });
}
