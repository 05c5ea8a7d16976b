/** The composition root: builds every part and hands each what it needs. The only file that knows them all. */
import { Hono } from "hono";
import type { Logger } from "pino";
import type { RequestOrigin } from "../admin-api/routes.ts";
import type { FirstApp, Server } from "../cli/server-port.ts";
import { MemoryEventCache } from "../cluster/memory-event-cache.ts";
import { MemoryRoster } from "../cluster/memory-roster.ts";
import { SingleNodeBus } from "../cluster/single-node-bus.ts";
import type { Config } from "../config/config.ts";
import { descriptorsForSockets } from "../config/machine.ts";
import { ActivityFeed } from "../core/activity.ts";
import { AppRegistry } from "../core/app-registry.ts";
import { HeldTopics } from "../core/held-topics.ts";
import { Hub } from "../core/hub.ts";
import { AppCounters } from "../metrics/app-counters.ts";
import { createMetricsPages } from "../metrics/prometheus.ts";
import { databaseKind } from "../storage/open-database.ts";
import { AddressLimits } from "../transport/address-limits.ts";
import { Certificate } from "../transport/certificate.ts";
import { createClientAddress } from "../transport/client-address.ts";
import { drain } from "../transport/drain.ts";
import { EventLoopLag } from "../transport/event-loop-lag.ts";
import { Heartbeat } from "../transport/heartbeat.ts";
import { Listener } from "../transport/listener.ts";
import { createOperationsRoutes } from "../transport/operations-routes.ts";
import { Port, serveOptions } from "../transport/port.ts";
import { Readiness } from "../transport/readiness.ts";
import {
  type SocketData,
  type SocketServer,
  slowReader,
  WebSocketDoor,
} from "../transport/web-socket-door.ts";
import { Addresses } from "./addresses.ts";
import { FirstUse } from "./first-use.ts";
import { createManagement, ensureApp, LocalServerFile } from "./management-stack.ts";
import { createPeopleStack } from "./people-stack.ts";
import { createProtocolStack, type SharedParts } from "./protocol-stack.ts";
import { openStores } from "./stores.ts";
import { systemClock as clock } from "./system-clock.ts";
import { createWebs, type Web } from "./web.ts";
import { createWebhookStack } from "./webhook-stack.ts";

const cachedChannelsMax = 100_000;
const heldBytesMax = 16 * 1_048_576;
const secretUsesSavedEveryS = 5;
const certificateLookedAtEveryS = 5;

/** Opens the database and builds the parts; nothing listens before `start()`. */
export async function createServer(config: Config, log: Logger): Promise<Server> {
  const onBug = (error: unknown) => log.error({ err: error }, "A bug: this was not expected");
  const { db, keys, ...stores } = await openStores(config);
  const watch = { onBug, isDatabaseAway: stores.isFailing };
  const addresses = new Addresses(config);
  const people = config.dashboardEnabled
    ? await createPeopleStack(config, addresses, { db, keys, audit: stores.audit, clock, watch, log })
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
    { perApp: config.backpressureBytesMax / 4, inAll: heldBytesMax },
  );
  const hub = new Hub(topics);
  const shared: SharedParts = {
    registry,
    hub,
    activity,
    clock,
    bus: new SingleNodeBus(),
    roster: new MemoryRoster(),
    cache: new MemoryEventCache(clock, cachedChannelsMax),
  };
  const stack = createProtocolStack(shared, { activityTimeoutS: config.activityTimeoutS, onBug });
  const webhooks = createWebhookStack(config, shared, stores, log);
  const readiness = new Readiness(
    { ...config, descriptorsMax: descriptorsForSockets() },
    {
      connectionCount: () => hub.connectionCount,
      degradations: stores.degradations,
    },
  );
  const counters = new AppCounters(activity, slowReader);
  const operations = createOperationsRoutes(
    readiness,
    createMetricsPages({
      ...{ counters, activity, hub, registry, clock, webhookFigures: webhooks.figures },
      isDatabaseReachable: () => stores.feed.isReachable,
      isDatabaseWritable: () => stores.writes.problem === null,
      isReady: () => readiness.problems().length === 0,
    }),
    config.metricsToken,
  );
  let databaseProblem: string | null = null;
  const management = createManagement(config, shared, stores, stack, {
    authenticateSession: people?.api.authenticateSession ?? (async () => null),
    webhooks: { store: stores.webhooks, outbox: stores.outbox, desk: webhooks },
    clientAddress: () => addresses.told,
    describeNode: () => ({
      isDraining: readiness.isDraining,
      connectionCount: hub.connectionCount,
      residentBytes: process.memoryUsage.rss(),
      heapUsedBytes: process.memoryUsage().heapUsed,
      eventLoopLagMs: lag.latestMs,
      database: {
        kind: databaseKind(config.databaseUrl),
        isReachable: stores.feed.isReachable,
        problem: databaseProblem ?? stores.writes.problem,
      },
      drops: { slowReaders: counters.totals().slowReaders },
    }),
    lastPing: (connection) => {
      for (const one of heartbeat.all())
        if (one.connection === connection) return heartbeat.lastPing(one, connection.openedAtMs);
      return null;
    },
    watch,
  });
  const apis = { admin: management.api, people: people?.api ?? null };
  const webs = createWebs(config, addresses, shared, stack, { operations, ...apis, onBug });
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
      overload: () => readiness.overload,
      onBug,
    },
    { heartbeat, activity },
    {
      limits: new AddressLimits(clock, config.connectionsPerIpMax, config.handshakesPerIpPerSecondMax),
      of: createClientAddress(config.trustedProxies),
    },
  );
  const { host, httpBodyBytesMax } = config;
  const portOptions = { host, httpBodyBytesMax, onBug, tls: certificate?.read() ?? null };
  const listener = new Listener(
    { ...portOptions, port: config.port },
    (request, server: SocketServer) =>
      request.headers.get("upgrade")?.toLowerCase() === "websocket"
        ? door.accept(request, new URL(request.url), server)
        : webs.main.fetch(request, originOf(request, server)),
    door.handler,
    { everyBytes: config.backpressureBytesMax / 4, run: () => door.lookForSlowReaders() },
  );

  const dashboardPort = createDashboardPort(webs.dashboard, config.dashboardPort ?? 0);
  const ports = dashboardPort === null ? [listener] : [listener, dashboardPort];

  function createDashboardPort(web: Web | null, port: number): Port<undefined> | null {
    if (web === null) return null;
    const fetch = (request: Request, server: Bun.Server<undefined>) =>
      web.fetch(request, originOf(request, server));
    return new Port({ ...portOptions, port }, (given) => Bun.serve({ ...serveOptions(given), fetch }));
  }

  /** Read where somebody asks for it: most requests never do. */
  function originOf(request: Request, server: Pick<SocketServer, "requestIP">): RequestOrigin {
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

  let isStarted = false;
  const firstUse = new FirstUse(
    clock,
    [
      async () => {
        firstApp = await ensureApp(config, management, log);
      },
      async () => {
        setupToken = (await people?.setUp()) ?? null;
        // At a start it is printed anyhow.
        if (isStarted && setupToken !== null)
          log.info({ setupUrl: addresses.setup(setupToken) }, "Nobody owns the server yet");
      },
      () => webhooks.start(),
    ],
    (error) => log.warn({ err: error }, "The database could not be brought into use; trying again"),
  );

  function followDatabase(isReachable: boolean, error: unknown): void {
    databaseProblem = isReachable ? null : String(error);
    if (isReachable) {
      log.info("The database answers");
      firstUse.runSoon();
      return;
    }
    log.warn({ err: error }, "The database is away: the apps that are known are served all the same");
  }

  async function reloadTls(): Promise<void> {
    if (certificate !== null) for (const one of ports) one.replaceTls(certificate.read());
  }

  let firstApp: FirstApp | null = null;
  let setupToken: string | null = null;
  const localServer = new LocalServerFile(config.dataDir);
  let metricsServer: Bun.Server<undefined> | null = null;

  function stopNow(): void {
    heartbeat.stop();
    firstUse.stop();
    stores.feed.stop();
    stores.writes.stop();
    management.api.close();
    for (const one of ports) one.stopNow();
    metricsServer?.stop(true);
    localServer.remove(management.ownerToken);
  }

  return {
    get url() {
      return addresses.client;
    },
    get firstApp() {
      return firstApp;
    },
    get dashboardUrl() {
      return config.dashboardEnabled ? addresses.dashboard : null;
    },
    get setupUrl() {
      return addresses.setup(setupToken);
    },

    async start() {
      const { here, removeHere } = management.installApp;
      await stores.feed.start({ changed: here, removed: removeHere, reachable: followDatabase }, log);
      stores.writes.start(db, log);
      if (stores.feed.isReachable) await firstUse.run();
      if (config.metricsPort !== null) {
        metricsServer = Bun.serve({
          hostname: config.host,
          port: config.metricsPort,
          fetch: operations.fetch,
        });
      }
      management.stats.start();
      addresses.dashboardPort = dashboardPort?.start() ?? null;
      addresses.port = listener.start();
      localServer.write(addresses.local, management.ownerToken);
      readiness.listening();
      isStarted = true;
    },

    async stop() {
      readiness.draining();
      await new Promise<void>((resolve) => clock.after(config.drainGraceMs, resolve));
      for (const one of ports) one.stopListening();
      const deadline = new Promise<void>((resolve) => clock.after(config.drainMs * 2, resolve));
      await Promise.race([
        deadline,
        drain(hub, clock, { overMs: config.drainMs, perSecondMin: config.drainPerSecondMin }),
      ]);
      for (const save of [management.recordSecretUses, () => management.stats.stop(), () => webhooks.stop()])
        await save().catch((error) => log.warn({ err: error }, "Not all was saved before the end"));
      stopNow();
    },

    stopNow,
    reloadTls,
    adminRequest: async (request) => machineOwnersApi.fetch(request, { isMachineOwner: true }),
  };
}
