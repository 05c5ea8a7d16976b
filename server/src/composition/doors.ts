/** The doors: what answers on each port. */
import type { Logger } from "pino";
import type { LastPing } from "../admin-api/history.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../core/ports/clock.ts";
import { ClientAddresses, type RequestSockets } from "../net/client-address.ts";
import { isPrivate } from "../net/ip-address.ts";
import { withWholeUrl } from "../net/request-target.ts";
import { type AddressLimitOptions, AddressLimits } from "../transport/address-limits.ts";
import type { Heartbeat } from "../transport/heartbeat.ts";
import { createOperations } from "../transport/operations.ts";
import { type SocketData, WebSocketDoor } from "../transport/web-socket-door.ts";
import type { Addresses } from "./addresses.ts";
import type { NodeWatch } from "./node-watch.ts";
import type { Ports } from "./ports.ts";
import type { ProtocolStack } from "./protocol-stack.ts";
import type { SharedParts } from "./shared-parts.ts";
import { notFound, type Web, type Webs } from "./web.ts";

const refusalLoggedEveryMs = 60_000;

export interface Doors {
  readonly webSocket: WebSocketDoor;
  readonly webs: Webs;
  readonly operations: ReturnType<typeof createOperations>;
  readonly clientAddresses: ClientAddresses;
}

export interface DoorNeeds {
  readonly shared: SharedParts;
  readonly stack: ProtocolStack;
  readonly watch: NodeWatch;
  readonly heartbeat: Heartbeat<SocketData>;
  readonly webs: Webs;
  readonly onBug: (error: unknown) => void;
}

export function createDoors(config: Config, needs: DoorNeeds, log: Logger): Doors {
  const { shared, stack, watch, heartbeat, webs, onBug } = needs;
  const { pathPrefix, messageBytesMax, backpressureBytesMax } = config;
  const { clock, activity } = shared;
  const { readiness, pages } = watch;
  const clientAddresses = new ClientAddresses(config.trustedProxies);
  const webSocket = new WebSocketDoor(
    stack,
    {
      ...{ pathPrefix, messageBytesMax, backpressureBytesMax, onBug },
      overload: () => readiness.overload,
      onTooMany: createRefusalLog(log, clock),
    },
    { heartbeat, activity },
    clientAddresses,
    new AddressLimits(clock, addressLimitOptions(config, clientAddresses)),
  );
  const operations = createOperations(readiness, pages, {
    token: config.metricsToken,
    addresses: config.metricsPort === null ? clientAddresses : null,
  });
  return { webSocket, webs, operations, clientAddresses };
}

/**
 * Without a word from the operator, one address gets a quarter of the places. A proxy that is not configured must not
 * count as one client: those come from loopback or private addresses, so these are not limited then.
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

/** The refusals of a minute are one line: nobody can fill the log by connecting. */
function createRefusalLog(log: Logger, clock: Clock): (sentence: string) => void {
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  return (sentence) => {
    if (clock.now() - loggedAtMs < refusalLoggedEveryMs) return;
    loggedAtMs = clock.now();
    log.warn(`${sentence}. Where this is a proxy's address, name it in SOKETIFY_TRUSTED_PROXIES`);
  };
}

/** Tells of an open connection when it was last pinged. */
export function createLastPing(heartbeat: Heartbeat<SocketData>): LastPing {
  return (connection) => {
    for (const one of heartbeat.all())
      if (one.connection === connection) return heartbeat.lastPing(one, connection.openedAtMs);
    return null;
  };
}

/** Listens on every port, the clients' last: whoever connects there finds all of the server. @throws where a port is taken */
export function openDoors(config: Config, ports: Ports, addresses: Addresses, doors: Doors): void {
  const { webSocket, webs, operations, clientAddresses } = doors;
  const answersOf = (web: Web) => (request: Request, sockets: RequestSockets) =>
    web.fetch(withWholeUrl(request), {
      // Read where somebody asks for it: most requests never do.
      get address() {
        return clientAddresses.of(request, sockets);
      },
    });
  const main = answersOf(webs.main);

  ports.metrics?.listen({ routes: operations, fetch: notFound });
  if (ports.dashboard !== null && webs.dashboard !== null)
    addresses.dashboardPort = ports.dashboard.listen({ fetch: answersOf(webs.dashboard) });
  addresses.port = ports.clients.open(
    {
      routes: ports.metrics === null ? below(config.pathPrefix, operations) : {},
      fetch: (request, server) =>
        request.headers.get("upgrade")?.toLowerCase() === "websocket"
          ? webSocket.accept(request, server)
          : main(request, server),
      websocket: webSocket.handler,
    },
    () => webSocket.lookForSlowReaders(),
  );
}

function below<Value>(
  pathPrefix: string,
  byPath: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(byPath).map(([path, value]) => [pathPrefix + path, value]));
}
