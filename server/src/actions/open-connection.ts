/** Checks a new connection and sends `connection_established`. */
import { randomInt } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { Connection, type Peer, type Socket } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { Clock } from "../core/ports/clock.ts";
import { CloseConnection, closeCodes } from "../protocol/errors.ts";
import { connectionEstablishedFrame } from "../protocol/server-message.ts";
import type { ConnectionQuota } from "./connection-quota.ts";

export interface OpenConnection {
  /** @throws CloseConnection 4001 */
  find(appKey: string): App;
  /** @throws CloseConnection 4003, 4004 or 4009 */
  check(app: App, origin: string | null): void;
  open(app: App, socket: Socket, peer: Peer): Connection;
}

const socketIdPartMax = 2 ** 32;

export function createOpenConnection(
  { registry, hub }: { readonly registry: AppRegistry; readonly hub: Hub },
  quota: ConnectionQuota,
  activity: ActivityFeed,
  { clock, activityTimeoutS }: { readonly clock: Clock; readonly activityTimeoutS: number },
): OpenConnection {
  return {
    find(appKey) {
      const app = registry.byKey(appKey);
      if (app === null) {
        throw new CloseConnection(
          closeCodes.appNotFound,
          `App key ${appKey.slice(0, 64)} not in this cluster. Did you forget to specify the cluster?`,
        );
      }
      return app;
    },
    check(app, origin) {
      if (!app.isEnabled) throw new CloseConnection(closeCodes.appDisabled, "Application disabled");
      checkOrigin(app, origin);
      quota.check(app);
    },
    open(app, socket, peer) {
      const connection = new Connection(newSocketId(hub, app.id), app, socket, peer, clock.now());
      hub.add(connection, app.settings.authorizedConnectionsOnly);
      connection.send(connectionEstablishedFrame(connection.socketId, activityTimeoutS));
      activity.emit({ type: "connection_opened", appId: app.id, connection });
      return connection;
    },
  };
}

/**
 * `*.example.com` matches every subdomain, not example.com itself. Clients without an Origin are not browsers and
 * pass.
 */
function checkOrigin(app: App, origin: string | null): void {
  const { allowedOrigins } = app.settings;
  if (allowedOrigins.length === 0 || origin === null) return;
  const host = URL.canParse(origin) ? new URL(origin).hostname : "";
  const isAllowed = allowedOrigins.some((allowed) =>
    allowed.startsWith("*.")
      ? host.endsWith(allowed.slice(1))
      : allowed === origin || (!allowed.includes("://") && allowed === host),
  );
  if (!isAllowed) {
    throw new CloseConnection(
      closeCodes.unauthorized,
      `Origin ${origin.slice(0, 200)} is not allowed: add it to the app's allowed origins`,
    );
  }
}

function newSocketId(hub: Hub, appId: string): string {
  let socketId: string;
  do socketId = `${randomInt(1, socketIdPartMax)}.${randomInt(1, socketIdPartMax)}`;
  while (hub.find(appId, socketId) !== null);
  return socketId;
}
