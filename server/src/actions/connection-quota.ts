/**
 * How many connections an app may have at once, on all nodes together. Where only authorized ones may stay, the others of
 * this node do not count. The other nodes are counted as they last told, so a burst on several nodes may pass the limit by
 * what arrives within that second.
 */
import type { App } from "../core/app.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { Nodes } from "../core/ports/nodes.ts";
import { CloseConnection, closeCodes } from "../protocol/errors.ts";

export interface ConnectionQuota {
  /** @throws CloseConnection 4004 where the app has no room for one more connection */
  check(app: App): void;
  /**
   * The connection has shown who it is, and counts from now on.
   * @throws CloseConnection 4004 where the app has no room for it
   */
  admit(app: App, connection: Connection): void;
}

export function createConnectionQuota(hub: Hub, nodes: Pick<Nodes, "connectionsElsewhere">): ConnectionQuota {
  function check({ id, settings }: App): void {
    const { connectionsMax, authorizedConnectionsOnly } = settings;
    if (connectionsMax === 0) return;
    const here = authorizedConnectionsOnly ? hub.authorizedCountOf(id) : hub.connectionCountOf(id);
    if (here + nodes.connectionsElsewhere(id) < connectionsMax) return;
    throw new CloseConnection(
      closeCodes.overConnectionQuota,
      `Application is over its connection quota of ${connectionsMax}`,
    );
  }

  return {
    check,
    admit(app, connection) {
      if (hub.isAuthorized(connection)) return;
      // Without the rule it has counted since it came.
      if (app.settings.authorizedConnectionsOnly) check(app);
      hub.markAuthorized(connection);
    },
  };
}
