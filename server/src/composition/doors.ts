/** Creates the handlers of each port. */
import type { Logger } from "pino";
import type { OnBug } from "../actions/refuse-message.ts";
import type { LastPing } from "../admin-api/apps/history.ts";
import type { RequestOrigin } from "../admin-api/routes.ts";
import type { Config } from "../config/config.ts";
import { ByteBudget } from "../core/limits/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { Nodes } from "../core/ports/nodes.ts";
import type { SessionDirectory } from "../core/ports/session-directory.ts";
import { ClientAddresses, type RequestSockets } from "../net/client-address.ts";
import { isPrivate } from "../net/ip-address.ts";
import { withWholeUrl } from "../net/request-target.ts";
import { errorPage } from "../protocol/error-page.ts";
import { type AddressLimitOptions, AddressLimits } from "../transport/address-limits.ts";
import { HandshakeGuard } from "../transport/handshake-guard.ts";
import type { Heartbeat } from "../transport/heartbeat.ts";
import { HttpDoor } from "../transport/http-door.ts";
import { fallbackPath, fallbacksDisabled } from "../transport/http-headers.ts";
import { createOperations } from "../transport/operations.ts";
import type { SessionPeers } from "../transport/session-forward.ts";
import type { SessionTopics } from "../transport/session-topics.ts";
import { SlowReaders } from "../transport/slow-readers.ts";
import { WaitingConnections } from "../transport/waiting-connections.ts";
import { type SocketData, WebSocketDoor } from "../transport/web-socket-door.ts";
import type { Addresses } from "./addresses.ts";
import { collectAfterConnects } from "./collect-after-connects.ts";
import { type HttpHandler, type HttpHandlers, notFound } from "./http-handlers.ts";
import type { NodeWatch } from "./node-watch.ts";
import { type Ports, unsentBytesPerApp } from "./ports.ts";
import type { ProtocolStack } from "./protocol-stack.ts";
import type { SharedParts } from "./shared-parts.ts";

const refusalLoggedEveryMs = 60_000;
const mebibyte = 1_048_576;
/** Limits of the frames that clients without WebSocket have not read, and of the requests that they are sending. */
const unsentToSessionsMax = { perApp: 16 * mebibyte, inAll: 128 * mebibyte };
const sessionBodiesMax = { perApp: 8 * mebibyte, inAll: 64 * mebibyte };
/** How many apps may have the maximum of unsent bytes at the same time. */
const appsAtTheirLimit = 8;
/** Many proxies close a response that is idle for half a minute or a minute, and so does the runtime. */
const httpHeartbeatMsMax = 25_000;

export interface Doors {
  readonly webSocket: WebSocketDoor;
  /** Null if the HTTP fallbacks are disabled. */
  readonly http: HttpDoor | null;
  readonly handlers: HttpHandlers;
  readonly operations: ReturnType<typeof createOperations>;
  readonly clientAddresses: ClientAddresses;
}

export interface DoorNeeds {
  readonly shared: SharedParts;
  readonly stack: ProtocolStack;
  readonly watch: NodeWatch;
  readonly heartbeat: Heartbeat<SocketData>;
  /** Null if the HTTP fallbacks are disabled. */
  readonly sessionTopics: SessionTopics | null;
  readonly handlers: HttpHandlers;
  readonly onBug: OnBug;
}

export function createDoors(config: Config, needs: DoorNeeds, log: Logger): Doors {
  const { shared, stack, watch, heartbeat, sessionTopics, handlers, onBug } = needs;
  const { pathPrefix, messageBytesMax, backpressureBytesMax } = config;
  const { clock, activity, sessions, bus, nodes } = shared;
  const { readiness, pages } = watch;
  const clientAddresses = new ClientAddresses(config.trustedProxies);
  const limits = { pathPrefix, messageBytesMax, backpressureBytesMax, onBug };
  const handshakeGuard = new HandshakeGuard(
    stack.open,
    { overload: () => readiness.overload, onTooMany: createRefusalLog(log, clock) },
    clientAddresses,
    new AddressLimits(clock, addressLimitOptions(config, clientAddresses)),
  );
  collectAfterConnects(activity);
  const perApp = unsentBytesPerApp(config);
  const slowReaders = new SlowReaders({ perApp, inAll: perApp * appsAtTheirLimit });
  const waiting = new WaitingConnections(clock);
  const webSocket = new WebSocketDoor(
    stack,
    limits,
    { heartbeat, activity, slowReaders, waiting },
    handshakeGuard,
  );
  const http =
    sessionTopics === null
      ? null
      : new HttpDoor(stack, handshakeGuard, activity, {
          ...limits,
          clock,
          topics: sessionTopics,
          sessionsMax: config.connectionsMax,
          heartbeatMs: Math.min(config.heartbeatIntervalMs, httpHeartbeatMsMax),
          unsent: new ByteBudget(unsentToSessionsMax),
          bodies: new ByteBudget(sessionBodiesMax),
          peers: sessions === null ? null : createPeers(sessions, bus, nodes),
        });
  const operations = createOperations(readiness, pages, {
    token: config.metricsToken,
    addresses: config.metricsPort === null ? clientAddresses : null,
  });
  return { webSocket, http, handlers, operations, clientAddresses };
}

function createPeers(directory: SessionDirectory, bus: ClusterBus, nodes: Nodes): SessionPeers {
  const isAlive = (nodeId: string) => nodes.alive().some(({ id }) => id === nodeId);
  return { nodeId: nodes.id, isAlive, bus, directory };
}

/**
 * By default one address may have a quarter of the connections. A proxy that is not configured must not count as one
 * client: proxies usually have loopback or private addresses, so the default does not limit these.
 */
function addressLimitOptions(config: Config, clientAddresses: ClientAddresses): AddressLimitOptions {
  const { connectionsPerIpMax, connectionsMax, handshakesPerIpPerSecondMax } = config;
  const isDefault = connectionsPerIpMax === null;
  return {
    connectionsMax: connectionsPerIpMax ?? Math.ceil(connectionsMax / 4),
    isShared: (address) => isDefault && (isPrivate(address) || clientAddresses.isProxy(address)),
    handshakesPerSecondMax: handshakesPerIpPerSecondMax,
  };
}

/** Logs the refusals of a minute in one line, so that connection attempts cannot fill the log. */
function createRefusalLog(log: Logger, clock: Clock): (sentence: string) => void {
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  return (sentence) => {
    if (clock.now() - loggedAtMs < refusalLoggedEveryMs) return;
    loggedAtMs = clock.now();
    const help = errorPage.handshake(429);
    log.warn({ help }, `${sentence}. If this is a proxy's address, add it to SOKETIFY_TRUSTED_PROXIES`);
  };
}

/** Returns when an open connection was last pinged. @param http null if the HTTP fallbacks are disabled */
export function createLastPing(heartbeat: Heartbeat<SocketData>, http: () => HttpDoor | null): LastPing {
  return (connection) => {
    if (connection.socket.transport !== undefined) return http()?.lastBeat(connection) ?? null;
    for (const one of heartbeat.all())
      if (one.connection === connection) return heartbeat.lastPing(one, connection.openedAtMs);
    return null;
  };
}

/**
 * Listens on every port, on the clients' port last, so that the whole server is ready when clients connect.
 * @throws if a port is taken
 */
export function openDoors(config: Config, ports: Ports, addresses: Addresses, doors: Doors): void {
  const { webSocket, http, handlers, operations, clientAddresses } = doors;
  const answersOf = (web: HttpHandler) => (request: Request, sockets: RequestSockets) =>
    web.fetch(withWholeUrl(request), new OriginOnDemand(clientAddresses, request, sockets));
  const main = answersOf(handlers.main);

  ports.metrics?.listen({ routes: operations, fetch: notFound });
  if (ports.dashboard !== null && handlers.dashboard !== null)
    addresses.dashboardPort = ports.dashboard.listen({ fetch: answersOf(handlers.dashboard) });
  addresses.port = ports.clients.open(
    {
      routes: {
        ...(ports.metrics === null ? below(config.pathPrefix, operations) : {}),
        [`${fallbackPath(config.pathPrefix)}*`]: http?.answer ?? fallbacksDisabled,
      },
      fetch: (request, server) =>
        request.method === "GET" && request.headers.get("upgrade")?.toLowerCase() === "websocket"
          ? webSocket.accept(request, server)
          : main(request, server),
      websocket: webSocket.handler,
    },
    () => webSocket.checkSlowReaders(),
  );
}

/** Reads the address when it is first used: most requests do not need it. */
class OriginOnDemand implements RequestOrigin {
  readonly #addresses: ClientAddresses;
  readonly #request: Request;
  readonly #sockets: RequestSockets;

  constructor(addresses: ClientAddresses, request: Request, sockets: RequestSockets) {
    this.#addresses = addresses;
    this.#request = request;
    this.#sockets = sockets;
  }

  get address(): string {
    return this.#addresses.of(this.#request, this.#sockets);
  }
}

function below<Value>(
  pathPrefix: string,
  byPath: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(byPath).map(([path, value]) => [pathPrefix + path, value]));
}
