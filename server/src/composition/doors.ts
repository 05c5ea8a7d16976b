/** The doors: what answers on each port. */
import type { LastPing } from "../admin-api/history.ts";
import type { RequestOrigin } from "../admin-api/routes.ts";
import type { Config } from "../config/config.ts";
import { AddressLimits } from "../transport/address-limits.ts";
import { createClientAddress } from "../transport/client-address.ts";
import type { Heartbeat } from "../transport/heartbeat.ts";
import { serveOptions } from "../transport/port.ts";
import type { Readiness } from "../transport/readiness.ts";
import { type SocketData, type SocketServer, WebSocketDoor } from "../transport/web-socket-door.ts";
import type { Addresses } from "./addresses.ts";
import type { Ports } from "./ports.ts";
import type { ProtocolStack } from "./protocol-stack.ts";
import type { SharedParts } from "./shared-parts.ts";
import type { Web, Webs } from "./web.ts";

export function createWebSocketDoor(
  config: Config,
  { clock, activity }: SharedParts,
  stack: ProtocolStack,
  needs: {
    readonly heartbeat: Heartbeat<SocketData>;
    readonly readiness: Readiness;
    readonly onBug: (error: unknown) => void;
  },
): WebSocketDoor {
  const { heartbeat, readiness, onBug } = needs;
  const { pathPrefix, messageBytesMax, backpressureBytesMax } = config;
  return new WebSocketDoor(
    stack,
    { pathPrefix, messageBytesMax, backpressureBytesMax, overload: () => readiness.overload, onBug },
    { heartbeat, activity },
    {
      limits: new AddressLimits(clock, config.connectionsPerIpMax, config.handshakesPerIpPerSecondMax),
      of: createClientAddress(config.trustedProxies),
    },
  );
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
export function openDoors(ports: Ports, addresses: Addresses, door: WebSocketDoor, webs: Webs): void {
  /** The address is read where somebody asks for it: most requests never do. */
  const originOf = (request: Request, server: Pick<SocketServer, "requestIP">): RequestOrigin => ({
    get address() {
      return door.addressOf(request, server);
    },
  });
  const answers = (web: Web) => (request: Request, server: Pick<SocketServer, "requestIP">) =>
    web.fetch(request, originOf(request, server));

  const { dashboard, metrics } = webs;
  if (metrics !== null)
    ports.metrics?.listen((given) => Bun.serve({ ...serveOptions(given), fetch: answers(metrics) }));
  if (dashboard !== null)
    addresses.dashboardPort =
      ports.dashboard?.listen((given) => Bun.serve({ ...serveOptions(given), fetch: answers(dashboard) })) ??
      null;
  addresses.port = ports.clients.open(
    (request, server) =>
      request.headers.get("upgrade")?.toLowerCase() === "websocket"
        ? door.accept(request, new URL(request.url), server)
        : webs.main.fetch(request, originOf(request, server)),
    door.handler,
    () => door.lookForSlowReaders(),
  );
}
