/** A connection is gone: it leaves every channel, and its user may go offline. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { Unsubscribe } from "./unsubscribe.ts";
import type { Watchlist } from "./watchlist.ts";

/** The app may be deleted already: it is what the connection was opened with. */
export type CloseConnectionAction = (
  app: App,
  connection: Connection,
  code: number,
  reason: string,
) => Promise<void>;

export function createCloseConnection(
  hub: Hub,
  unsubscribe: Unsubscribe,
  watchlist: Watchlist,
  activity: ActivityFeed,
): CloseConnectionAction {
  return async function closeConnection(app, connection, code, reason) {
    connection.isClosed = true;
    const { user } = connection;
    if (user !== null) hub.removeUser(user.id, connection);
    hub.remove(connection);
    for (const channel of [...connection.subscriptions.keys()]) await unsubscribe(app, connection, channel);
    if (user !== null) await watchlist.signedOut(app, connection, user);
    activity.emit({ type: "connection_closed", appId: app.id, connection, code, reason });
  };
}
