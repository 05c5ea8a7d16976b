/**
 * Limits the concurrent connections of an app on all nodes together. With `authorizedConnectionsOnly`,
 * unauthorized connections do not count. Other nodes report their counts once a second, so bursts on several nodes
 * may exceed the limit for that time. Connections of a node that is draining or was killed do not count: 4004 would
 * tell their clients, which reconnect, never to come back.
 */
import type { App } from "../core/apps/app.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { Nodes } from "../core/ports/nodes.ts";
import { CloseConnection, closeCodes } from "../protocol/errors.ts";

type Elsewhere = Pick<Nodes, "limitedElsewhere">;

export interface ConnectionQuota {
  /** @throws CloseConnection 4004 if the app has reached its limit */
  check(app: App): void;
  /**
   * Counts a connection that has just authorized.
   * @throws CloseConnection 4004 if the app has reached its limit
   */
  admit(app: App, connection: Connection): void;
}

export function createConnectionQuota(hub: Hub, nodes: Elsewhere): ConnectionQuota {
  function check({ id, settings }: App): void {
    const { connectionsMax, authorizedConnectionsOnly } = settings;
    if (connectionsMax === 0) return;
    const here = authorizedConnectionsOnly ? hub.authorizedCountOf(id) : hub.connectionCountOf(id);
    if (here + nodes.limitedElsewhere(id, authorizedConnectionsOnly) < connectionsMax) return;
    throw new CloseConnection(
      closeCodes.overConnectionQuota,
      `Application is over its connection quota of ${connectionsMax}`,
    );
  }

  return {
    check,
    admit(app, connection) {
      if (hub.isAuthorized(connection)) return;
      // Otherwise the connection has counted since it opened.
      if (app.settings.authorizedConnectionsOnly) check(app);
      hub.markAuthorized(connection);
    },
  };
}
