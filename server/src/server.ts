/** The composition root: builds every part and hands each what it needs. The only file that knows them all. */
import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { Logger } from "pino";
import type { RequestOrigin } from "./admin-api/routes.ts";
import type { FirstApp, Server } from "./cli/server-port.ts";
import { MemoryEventCache } from "./cluster/memory-event-cache.ts";
import { MemoryRoster } from "./cluster/memory-roster.ts";
import { SingleNodeBus } from "./cluster/single-node-bus.ts";
import type { Config } from "./config/config.ts";
import { ActivityFeed } from "./core/activity.ts";
import { AppRegistry } from "./core/app-registry.ts";
import { HeldTopics } from "./core/held-topics.ts";
import { Hub } from "./core/hub.ts";
import { createManagement, ensureApp, LocalServerFile } from "./management.ts";
import { AppCounters } from "./metrics/app-counters.ts";
import { createMetricsPages } from "./metrics/prometheus.ts";
import { createPeopleStack, ownerOf } from "./people-stack.ts";
import { createProtocolStack, type Nouns } from "./protocol-stack.ts";
import { openStores } from "./stores.ts";
import { systemClock as clock } from "./system-clock.ts";
import { AddressLimits } from "./transport/address-limits.ts";
import { Certificate } from "./transport/certificate.ts";
import { createClientAddress } from "./transport/client-address.ts";
import { drain } from "./transport/drain.ts";
import { EventLoopLag } from "./transport/event-loop-lag.ts";
import { Heartbeat } from "./transport/heartbeat.ts";
import { Listener } from "./transport/listener.ts";
import { createOperationsRoutes } from "./transport/operations-routes.ts";
import { Readiness } from "./transport/readiness.ts";
import {
  type SocketData,
  type SocketServer,
  slowReader,
  WebSocketDoor,
} from "./transport/web-socket-door.ts";
import { createWeb } from "./web.ts";
import { TargetGuard } from "./webhooks/target-guard.ts";
import { createWebhooks } from "./webhooks/webhooks.ts";

const cachedChannelsMax = 100_000;
const secretUsesSavedEveryS = 5;
const certificateLookedAtEveryS = 5;

/** Opens the database and builds the parts; nothing listens before `start()`. */
export async function createServer(config: Config, log: Logger): Promise<Server> {
  const onBug = (error: unknown) => log.error({ err: error }, "A bug: this was not expected");
  const { db, keys, ...stores } = await openStores(config);
  // Without its database a start has nobody to sign in, until the next one.
  const people =
    config.dashboardEnabled && stores.feed.isReachable
      ? await createPeopleStack(config, { db, keys, audit: stores.audit, clock, onBug })
      : null;
  const registry = new AppRegistry(clock);
  for (const record of stores.knownApps) registry.replace(record);

  const activity = new ActivityFeed();
  const topics = new HeldTopics(
    {
      publish: (topic, frame) => listener.publish(topic, frame),
      publishExcept: (topic, frame, socket) => listener.publishExcept(topic, frame, socket),
      subscriberCount: (topic) => listener.subscriberCount(topic),
    },
    { registry, clock },
    // Sent at once, it must leave a slow reader most of what may wait for it.
    config.backpressureBytesMax / 4,
  );
  const hub = new Hub(topics);
  const nouns: Nouns = {
    registry,
    hub,
    activity,
    clock,
    bus: new SingleNodeBus(),
    roster: new MemoryRoster(),
    cache: new MemoryEventCache(clock, cachedChannelsMax),
  };
  const stack = createProtocolStack(nouns, { activityTimeoutS: config.activityTimeoutS, onBug });
  const webhooks = createWebhooks({
    ...nouns,
    ...{ store: stores.webhooks, outbox: stores.outbox, log },
    // The embedded database has one process at a time, which after a crash need not wait for its own lease.
    nodeId: config.databaseUrl === null ? "embedded" : randomUUID(),
    guard: new TargetGuard({
      allow: config.webhookAllow,
      isHttpAllowed: config.environment === "development" || config.webhookAllowHttp,
    }),
    limits: {
      timeoutMs: config.webhookTimeoutMs,
      retryWindowMs: config.webhookRetryWindowMs,
      pendingPerWebhookMax: config.webhookPendingMax,
      requestsPerWebhookMax: config.webhookRequestsMax,
    },
    ...(config.appId !== null && { configured: { appId: config.appId, webhooks: config.webhooks } }),
  });
  const readiness = new Readiness(config.memoryBytesMax, () =>
    stores.feed.isReachable ? [] : ["the database is away: the apps that are known are served"],
  );
  const counters = new AppCounters(activity, slowReader);
  const operations = createOperationsRoutes(
    readiness,
    createMetricsPages({
      ...{ counters, activity, hub, registry, clock, webhookFigures: webhooks.figures },
      isDatabaseReachable: () => stores.feed.isReachable,
    }),
    config.metricsToken,
  );
  let databaseProblem: string | null = null;
  const management = createManagement(config, nouns, stores, stack, {
    authenticateSession: people?.authenticateSession ?? (async () => null),
    webhooks: { store: stores.webhooks, outbox: stores.outbox, desk: webhooks },
    describeNode: () => ({
      isDraining: readiness.isDraining,
      connectionCount: hub.connectionCount,
      residentBytes: process.memoryUsage.rss(),
      heapUsedBytes: process.memoryUsage().heapUsed,
      eventLoopLagMs: lag.latestMs,
      database: {
        kind: databaseKind(config),
        isReachable: stores.feed.isReachable,
        problem: databaseProblem,
      },
      drops: { slowReaders: counters.totals().slowReaders },
    }),
    lastPing: (connection) => {
      for (const one of heartbeat.all())
        if (one.connection === connection) return heartbeat.lastPing(one, connection.openedAtMs);
      return null;
    },
    onBug,
  });
  const web = createWeb(config, nouns, stack, { operations, admin: management.api, people, onBug });
  const machineOwnersApi = new Hono<{ Bindings: RequestOrigin }>().route("/api/v1", management.api.routes);
  const certificate =
    config.tlsCertFile === null || config.tlsKeyFile === null
      ? null
      : new Certificate(config.tlsCertFile, config.tlsKeyFile);

  const lag = new EventLoopLag();
  let seconds = 0;
  const heartbeat = new Heartbeat<SocketData>(clock, config.heartbeatIntervalMs, () => {
    seconds += 1;
    lag.look();
    readiness.look();
    stack.closeUnauthorized();
    if (seconds % secretUsesSavedEveryS === 0) saveSecretUses();
    if (seconds % certificateLookedAtEveryS === 0 && certificate?.hasChanged()) reloadTls().catch(onBug);
  });
  const door = new WebSocketDoor(
    stack,
    {
      pathPrefix: config.pathPrefix,
      messageBytesMax: config.messageBytesMax,
      backpressureBytesMax: config.backpressureBytesMax,
      overload: () =>
        hub.connectionCount >= config.connectionsMax
          ? `The server has its maximum of ${config.connectionsMax} connections`
          : readiness.memoryProblem,
      onBug,
    },
    { heartbeat, activity },
    {
      limits: new AddressLimits(clock, config.connectionsPerIpMax, config.handshakesPerIpPerSecondMax),
      of: createClientAddress(config.trustedProxies),
    },
  );
  const listener = new Listener(
    {
      host: config.host,
      port: config.port,
      httpBodyBytesMax: config.httpBodyBytesMax,
      tls: certificate?.read() ?? null,
    },
    (request, server: SocketServer) =>
      request.headers.get("upgrade")?.toLowerCase() === "websocket"
        ? door.accept(request, new URL(request.url), server)
        : web.fetch(request, originOf(request, server)),
    door.handler,
    { everyBytes: config.backpressureBytesMax / 4, run: () => door.lookForSlowReaders() },
  );

  /** Read where somebody asks for it: most requests never do. */
  function originOf(request: Request, server: SocketServer): RequestOrigin {
    return {
      get address() {
        return door.addressOf(request, server);
      },
    };
  }

  function saveSecretUses(): void {
    // They wait for the next time where the database is away, which is told once and elsewhere.
    management.recordSecretUses().catch((error) => log.debug({ err: error }, "Secret uses were not saved"));
  }

  /** What a start does with a database that is there, and a later moment where it was away. */
  async function useDatabase(): Promise<void> {
    if (isDatabaseUsed) return;
    isDatabaseUsed = true;
    firstApp = await ensureApp(config, management, log);
    setupToken = (await people?.setUp(ownerOf(config))) ?? null;
    await webhooks.start();
  }

  function followDatabase(isReachable: boolean, error: unknown): void {
    databaseProblem = isReachable ? null : String(error);
    if (isReachable) {
      log.info("The database answers");
      useDatabase().catch(onBug);
      return;
    }
    log.warn({ err: error }, "The database is away: the apps that are known are served all the same");
  }

  async function reloadTls(): Promise<void> {
    if (certificate !== null) listener.replaceTls(certificate.read());
  }

  let port = config.port;
  let firstApp: FirstApp | null = null;
  let setupToken: string | null = null;
  let isDatabaseUsed = false;
  const localServer = new LocalServerFile(config.dataDir);
  let metricsServer: Bun.Server<undefined> | null = null;

  function dashboardUrl(): string {
    return `${config.publicUrl ?? localUrl(config, port)}${config.pathPrefix}/dashboard`;
  }

  function stopNow(): void {
    heartbeat.stop();
    stores.feed.stop();
    management.api.close();
    listener.stopNow();
    metricsServer?.stop(true);
    localServer.remove(management.ownerToken);
  }

  return {
    get url() {
      return config.publicUrl ?? localUrl(config, port);
    },
    get firstApp() {
      return firstApp;
    },
    get dashboardUrl() {
      return config.dashboardEnabled ? dashboardUrl() : null;
    },
    get setupUrl() {
      return setupToken === null ? null : `${dashboardUrl()}/setup#${setupToken}`;
    },

    async start() {
      await stores.feed.start({
        changed: management.installApp.here,
        removed: management.installApp.removeHere,
        reachable: followDatabase,
      });
      if (stores.feed.isReachable) await useDatabase();
      if (config.metricsPort !== null) {
        metricsServer = Bun.serve({
          hostname: config.host,
          port: config.metricsPort,
          fetch: operations.fetch,
        });
      }
      management.stats.start();
      port = listener.start();
      localServer.write(`${localUrl(config, port)}${config.pathPrefix}`, management.ownerToken);
      readiness.listening();
    },

    async stop() {
      readiness.draining();
      await new Promise<void>((resolve) => clock.after(config.drainGraceMs, resolve));
      listener.stopListening();
      const deadline = new Promise<void>((resolve) => clock.after(config.drainMs * 2, resolve));
      await Promise.race([
        deadline,
        drain(hub, clock, { overMs: config.drainMs, perSecondMin: config.drainPerSecondMin }),
      ]);
      await management.recordSecretUses();
      await management.stats.stop();
      await webhooks.stop();
      stopNow();
    },

    stopNow,
    reloadTls,
    adminRequest: async (request) => machineOwnersApi.fetch(request, { isMachineOwner: true }),
  };
}

function localUrl({ host, tlsCertFile }: Config, port: number): string {
  const name = ["0.0.0.0", "::"].includes(host) ? "localhost" : host;
  return `${tlsCertFile === null ? "http" : "https"}://${name}:${port}`;
}

function databaseKind({ databaseUrl }: Config): string {
  return databaseUrl === null ? "sqlite" : new URL(databaseUrl).protocol.slice(0, -1);
}
