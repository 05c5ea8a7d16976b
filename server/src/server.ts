/** The composition root: builds every part and hands each what it needs. The only file that knows them all. */
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Logger } from "pino";
import { createSeedApp } from "./actions/seed-app.ts";
import { createDashboardFiles } from "./admin-api/dashboard-files.ts";
import type { FirstApp, Server } from "./cli/server-port.ts";
import { MemoryEventCache } from "./cluster/memory-event-cache.ts";
import { MemoryRoster } from "./cluster/memory-roster.ts";
import { SingleNodeBus } from "./cluster/single-node-bus.ts";
import type { Config } from "./config/config.ts";
import { ActivityFeed } from "./core/activity.ts";
import { AppRegistry } from "./core/app-registry.ts";
import { Hub } from "./core/hub.ts";
import { Idempotency } from "./core/idempotency.ts";
import { newApp } from "./core/new-app.ts";
import type { WebhookFigures } from "./core/webhook-figures.ts";
import { AppCounters } from "./metrics/app-counters.ts";
import { createMetricsPages } from "./metrics/prometheus.ts";
import { createProtocolStack, type Nouns, type ProtocolStack } from "./protocol-stack.ts";
import { createAuthenticate } from "./pusher-api/authenticate.ts";
import { createPublishEvents } from "./pusher-api/publish-events.ts";
import { createReadState } from "./pusher-api/read-state.ts";
import { createRequestGuards } from "./pusher-api/request-guards.ts";
import { createPusherApi } from "./pusher-api/routes.ts";
import { unlockDataKeys } from "./storage/data-keys.ts";
import { KyselyAppStore } from "./storage/kysely-app-store.ts";
import { KyselyWebhookOutbox } from "./storage/kysely-webhook-outbox.ts";
import { KyselyWebhookStore } from "./storage/kysely-webhook-store.ts";
import { migrate } from "./storage/migrate.ts";
import { openDatabase } from "./storage/open-database.ts";
import { systemClock as clock } from "./system-clock.ts";
import { AddressLimits } from "./transport/address-limits.ts";
import { Certificate } from "./transport/certificate.ts";
import { createClientAddress } from "./transport/client-address.ts";
import { drain } from "./transport/drain.ts";
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
import { TargetGuard } from "./webhooks/target-guard.ts";
import { createWebhooks } from "./webhooks/webhooks.ts";

const cachedChannelsMax = 100_000;
const idempotencyKeysMax = 100_000;
const secretUsesSavedEveryS = 5;
const certificateLookedAtEveryS = 5;

/** Opens the database and builds the parts; nothing listens before `start()`. */
export async function createServer(config: Config, log: Logger): Promise<Server> {
  const onBug = (error: unknown) => log.error({ err: error }, "A bug: this was not expected");
  const { store, webhookStore, webhookOutbox } = await openStores(config);
  const registry = new AppRegistry(clock);
  for (const record of await store.list()) registry.replace(record);

  const activity = new ActivityFeed();
  const hub = new Hub({
    publish: (topic, frame) => listener.publish(topic, frame),
    publishExcept: (topic, frame, socket) => listener.publishExcept(topic, frame, socket),
    subscriberCount: (topic) => listener.subscriberCount(topic),
  });
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
    ...{ store: webhookStore, outbox: webhookOutbox, activity, registry, roster: nouns.roster, clock, log },
    // The embedded database has one process at a time, which after a crash need not wait for its own lease.
    nodeId: config.databaseUrl === null ? "embedded" : randomUUID(),
    guard: new TargetGuard({
      allow: config.webhookAllow,
      isHttpAllowed: config.environment === "development" || config.webhookAllowHttp,
    }),
    ...(config.appId !== null && { configured: { appId: config.appId, webhooks: config.webhooks } }),
  });
  const readiness = new Readiness(config.memoryBytesMax, []);
  const operations = createOperations(config, nouns, readiness, webhooks.figures);
  const web = createWeb(config, nouns, stack, { operations, onBug });
  const certificate =
    config.tlsCertFile === null || config.tlsKeyFile === null
      ? null
      : new Certificate(config.tlsCertFile, config.tlsKeyFile);

  let seconds = 0;
  const heartbeat = new Heartbeat<SocketData>(clock, config.heartbeatIntervalMs, () => {
    seconds += 1;
    readiness.look();
    stack.closeUnauthorized();
    if (seconds % secretUsesSavedEveryS === 0) saveSecretUses().catch(onBug);
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
        : web.fetch(request),
    door.handler,
    { everyBytes: config.backpressureBytesMax / 4, run: () => door.lookForSlowReaders() },
  );

  async function saveSecretUses(): Promise<void> {
    const uses = registry.takeSecretUses();
    if (uses.size > 0) await store.recordSecretUses(uses);
  }

  async function reloadTls(): Promise<void> {
    if (certificate !== null) listener.replaceTls(certificate.read());
  }

  let port = config.port;
  let firstApp: FirstApp | null = null;
  let metricsServer: Bun.Server<undefined> | null = null;

  function stopNow(): void {
    heartbeat.stop();
    listener.stopNow();
    metricsServer?.stop(true);
  }

  return {
    get url() {
      if (config.publicUrl !== null) return config.publicUrl;
      const host = ["0.0.0.0", "::"].includes(config.host) ? "localhost" : config.host;
      return `${certificate === null ? "http" : "https"}://${host}:${port}`;
    },
    get firstApp() {
      return firstApp;
    },
    dashboardUrl: null,
    setupUrl: null,

    async start() {
      firstApp = await ensureApp(config, store, registry, log);
      if (config.metricsPort !== null) {
        metricsServer = Bun.serve({
          hostname: config.host,
          port: config.metricsPort,
          fetch: operations.fetch,
        });
      }
      await webhooks.start();
      port = listener.start();
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
      await saveSecretUses();
      await webhooks.stop();
      stopNow();
    },

    stopNow,
    reloadTls,
    adminRequest: async (request) => web.fetch(request),
  };
}

async function openStores({ dataDir, databaseUrl, masterKey }: Config) {
  mkdirSync(dataDir, { recursive: true });
  const db = await openDatabase({ url: databaseUrl, dataDir });
  await migrate(db);
  const keys = await unlockDataKeys(db, { value: masterKey, dataDir }, clock.now());
  return {
    store: new KyselyAppStore(db, keys),
    webhookStore: new KyselyWebhookStore(db, keys),
    webhookOutbox: new KyselyWebhookOutbox(db),
  };
}

function createOperations(
  config: Config,
  { activity, hub, registry }: Nouns,
  readiness: Readiness,
  webhookFigures: WebhookFigures,
): Hono {
  const counters = new AppCounters(activity, slowReader);
  const pages = createMetricsPages(counters, activity, hub, registry, webhookFigures);
  return createOperationsRoutes(readiness, pages, config.metricsToken);
}

function createWeb(
  config: Config,
  { registry, activity, hub }: Nouns,
  { publish, readChannels, terminateUser }: ProtocolStack,
  { operations, onBug }: { readonly operations: Hono; readonly onBug: (error: unknown) => void },
): Hono {
  const pusherApi = createPusherApi(
    {
      authenticate: createAuthenticate(registry, clock),
      guards: createRequestGuards(clock, new Idempotency(clock, idempotencyKeysMax)),
      publishEvents: createPublishEvents(publish, readChannels),
      readState: createReadState(readChannels),
      terminateUser,
      hub,
    },
    activity,
    { pathPrefix: config.pathPrefix, httpBodyBytesMax: config.httpBodyBytesMax, onBug },
  );
  const web = new Hono().basePath(config.pathPrefix === "" ? "/" : config.pathPrefix);
  if (config.corsOrigins.length > 0) web.use("/apps/*", cors({ origin: [...config.corsOrigins] }));
  web.route("/", pusherApi);
  if (config.metricsPort === null) web.route("/", operations);
  if (config.dashboardEnabled) web.route("/dashboard", createDashboardFiles(config.pathPrefix));
  web.notFound((context) => context.text(`Not found: there is no ${context.req.path.slice(0, 200)}\n`, 404));
  web.onError((error, context) => {
    onBug(error);
    return context.text("Internal server error\n", 500);
  });
  return web;
}

/** The configured app, or a first one where there is none. Answers what was made here, so that a person is told once. */
async function ensureApp(
  { appId, appKey, appSecret }: Config,
  store: KyselyAppStore,
  registry: AppRegistry,
  log: Logger,
): Promise<FirstApp | null> {
  if (appId !== null && appKey !== null && appSecret !== null) {
    const { outcome, record } = await createSeedApp(
      store,
      clock,
    )({ id: appId, key: appKey, secret: appSecret });
    registry.replace(record);
    if (outcome === "ignored") log.warn({ appId }, "The configured secret was revoked, so it is ignored");
    if (outcome === "replaced")
      log.warn({ appId }, "The configured secret is the active one now; the others are revoked");
    return outcome === "created" ? { id: appId, key: appKey, secret: appSecret } : null;
  }
  if (registry.all().length > 0) return null;
  const record = newApp({ name: "My first app" }, "first start", clock.now());
  await store.create(record);
  registry.replace(record);
  const [secret] = record.secrets;
  return { id: record.id, key: record.key, secret: secret?.value ?? "" };
}
