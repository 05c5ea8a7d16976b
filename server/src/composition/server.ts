/** The composition root: creates every part from the parts before it. Only this file knows all parts. */
import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { OnBug } from "../actions/refuse-message.ts";
import type { Server, Worker } from "../cli/server-port.ts";
import type { Config } from "../config/config.ts";
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { presenceGraceMs } from "../core/apps/channel-rules.ts";
import { errorPage } from "../protocol/error-page.ts";
import { Heartbeat } from "../transport/heartbeat.ts";
import { SessionTopics } from "../transport/session-topics.ts";
import type { SocketData } from "../transport/web-socket-door.ts";
import { Addresses } from "./addresses.ts";
import { AuditUpkeep } from "./audit-upkeep.ts";
import { createCluster } from "./cluster.ts";
import { createDoors, createLastPing, openDoors } from "./doors.ts";
import { FirstSteps } from "./first-steps.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createHttpHandlers } from "./http-handlers.ts";
import { Life } from "./life.ts";
import { LocalServerFile } from "./local-server-file.ts";
import { createManagement } from "./management-stack.ts";
import { createNodeWatch } from "./node-watch.ts";
import { createPeopleStack } from "./people-stack.ts";
import { createPorts } from "./ports.ts";
import { createProtocolStack } from "./protocol-stack.ts";
import { addServerLimits } from "./server-limits.ts";
import { createSharedParts } from "./shared-parts.ts";
import { openStores } from "./stores.ts";
import { createTelemetry } from "./telemetry.ts";
import { createWebhookStack } from "./webhook-stack.ts";

const mebibyte = 1_048_576;
/** Limits of messages from clients that wait for their turn, for example while the engine is slow. */
const waitingBytesMax = { perApp: 16 * mebibyte, inAll: 64 * mebibyte };

/** Opens the database and builds the parts; nothing listens before `start()`. */
export async function createServer(config: Config, log: Logger, worker?: Worker): Promise<Server> {
  const { ownerToken, supervisorPid } = worker ?? onlyWorker();
  const onBug = createBugLog(log);
  const stores = await openStores(config);
  const failures = { onBug, isDatabaseUnreachable: stores.isFailing };
  const addresses = new Addresses(config);
  const graceOf = createGraceOf(() => shared.registry);
  const cluster = await createCluster(config, stores, graceOf, log);
  const isApp = (appId: string) => shared.registry.byId(appId) !== null;
  const sharedRates = cluster.claims;
  const people = config.dashboardEnabled
    ? await createPeopleStack(config, addresses, stores, { isApp, sharedRates, ...failures }, log)
    : null;
  const ports = createPorts(config, onBug);
  const sessionTopics = config.httpFallbackEnabled ? new SessionTopics(ports.clients) : null;
  const shared = createSharedParts(config, sessionTopics ?? ports.clients, cluster, stores.knownApps);
  const stack = createProtocolStack(shared, {
    activityTimeoutS: config.activityTimeoutS,
    waitingBytesMax,
    subscriptionBytesMax: { perApp: config.subscriptionBytesPerAppMax, inAll: config.subscriptionBytesMax },
    onBug,
  });
  warnOfMissedEvents(shared.activity, log);
  const telemetry = createTelemetry(process.env, cluster.nodes.id, shared.clock, log);
  const webhooks = createWebhookStack(config, shared, stores, telemetry.tracing, log);
  const watch = createNodeWatch(config, shared, stores, { webhooks, telemetry, http: () => doors.http });
  addServerLimits(config, shared, { ...stack, ...watch, ...webhooks, historyBudget: cluster.historyBudget });
  const heartbeat = new Heartbeat<SocketData>(shared.clock, config.heartbeatIntervalMs);
  const management = createManagement(config, shared, stores, stack, {
    authenticateSession: people?.api.authenticateSession ?? (async () => null),
    webhooks: { store: stores.webhooks, history: stores.webhookHistory, control: webhooks },
    clientAddress: () => addresses.clientAddress,
    counters: watch.counters,
    lastPing: createLastPing(heartbeat, () => doors.http),
    failures,
    ownerToken,
  });
  const auditUpkeep = new AuditUpkeep(stores.audit, config.auditRetentionDays, shared.clock, log);
  const apis = { admin: management.api, people: people?.api ?? null, tracing: telemetry.tracing };
  const handlers = createHttpHandlers(config, addresses, shared, stack, { ...apis, onBug, log });
  const doors = createDoors(config, { shared, stack, watch, heartbeat, sessionTopics, handlers, onBug }, log);
  const recordStart = () => stores.nodeStarts.add(cluster.thisStart);
  const parts = { addresses, management, people, webhooks, watch, telemetry, ports, cluster, auditUpkeep };
  const firstSteps = new FirstSteps(config, { ...parts, recordStart }, log);

  const housekeeping = { heartbeat, http: doors.http, watch, stack, ports, management, auditUpkeep, onBug };
  const ticker = startHousekeeping(housekeeping, log);

  return new Life(
    config,
    {
      ...parts,
      firstSteps,
      ticker,
      localServer: new LocalServerFile(config.dataDir, ownerToken, supervisorPid),
      database: stores.database,
      hub: shared.hub,
      clock: shared.clock,
      endForwarded: () => doors.http?.endForwarded(),
      openDoors: () => openDoors(config, ports, addresses, doors),
      endGraces: stack.endGraces,
    },
    log,
  );
}

/** The process supervises itself. */
function onlyWorker(): Worker {
  return { ownerToken: randomBytes(24).toString("hex"), supervisorPid: process.pid };
}

/** How long a member stays after its last connection to the channel closed. 0 for an unknown app. */
function createGraceOf(registry: () => AppRegistry): (appId: string, channel: string) => number {
  return (appId, channel) => {
    const app = registry().byId(appId);
    return app === null ? 0 : presenceGraceMs(app.settings, channel);
  };
}

function warnOfMissedEvents(activity: ActivityFeed, log: Logger): void {
  activity.on("events_missed", ({ type: _, ...missed }) =>
    log.warn(missed, "The connection to Redis was lost: channels without history may have missed events"),
  );
}

function createBugLog(log: Logger): OnBug {
  const help = errorPage.admin("internal_error");
  return (error, connection) => {
    const where = connection && { appId: connection.appId, socketId: connection.socketId };
    log.error({ err: error, help, ...where }, "Unexpected error: please report this bug");
  };
}
