/** What follows once a socket is closed: its connection leaves every channel, and its user may go offline. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Connection } from "../core/connection.ts";
import type { ConnectionMemory } from "../core/connection-memory.ts";
import type { Hub } from "../core/hub.ts";
import type { Unsubscribe } from "./unsubscribe.ts";
import type { Watchlist } from "./watchlist.ts";

/** `openedWith` is the app as it was when the connection opened: it may have changed since, or be deleted. */
export type AfterClose = (
  openedWith: App,
  connection: Connection,
  code: number,
  reason: string,
) => Promise<void>;

export function createAfterClose(
  {
    registry,
    hub,
    memory,
  }: { readonly registry: AppRegistry; readonly hub: Hub; readonly memory: ConnectionMemory },
  unsubscribe: Unsubscribe,
  watchlist: Watchlist,
  activity: ActivityFeed,
): AfterClose {
  return async function afterClose(openedWith, connection, code, reason) {
    const app = registry.byId(connection.appId) ?? openedWith;
    connection.isClosed = true;
    const { user } = connection;
    if (user !== null) hub.removeUser(user.id, connection);
    hub.remove(connection);
    const leaving = [...connection.subscriptions.keys()].map(async (channel) =>
      unsubscribe(app, connection, channel),
    );
    if (user !== null) leaving.push((async () => watchlist.signedOut(app, connection, user))());
    const ended = await Promise.allSettled(leaving);
    memory.giveAll(connection);
    activity.emit({ type: "connection_closed", appId: app.id, connection, code, reason });
    // One channel that could not be left keeps the connection in no other.
    const failures = ended.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    if (failures.length > 0)
      throw new AggregateError(failures, "A closed connection could not leave everything");
  };
}
