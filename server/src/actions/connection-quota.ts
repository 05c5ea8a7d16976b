/** How many connections an app may have at once. Where only authorized ones may stay, the others do not count. */
import type { App } from "../core/app.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
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

export function createConnectionQuota(hub: Hub): ConnectionQuota {
  function check({ id, settings }: App): void {
    const { connectionsMax, authorizedConnectionsOnly } = settings;
    if (connectionsMax === 0) return;
    const count = authorizedConnectionsOnly ? hub.authorizedCountOf(id) : hub.connectionCountOf(id);
    if (count < connectionsMax) return;
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
