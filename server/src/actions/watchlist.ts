/** Notifies connections when the users that they watch come online and go offline. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { Connection, SignedInUser } from "../core/connection.ts";
import { type Hub, watchTopic } from "../core/hub.ts";
import type { Pending } from "../core/ports/line.ts";
import type { Roster } from "../core/ports/roster.ts";
import { watchlistFrame } from "../protocol/server-message.ts";

export interface Watchlist {
  /**
   * The connection of this user signed in. Calls `confirm` once, when the engine has counted the connection and before
   * the client receives who is online. A confirmed connection keeps its user online, even if the user's other connections close.
   *
   * @param dataBytes of user_data
   */
  signedIn(
    app: App,
    connection: Connection,
    user: SignedInUser,
    dataBytes: number,
    confirm: () => void,
  ): Pending;
  /** The connection of a signed-in user closed. */
  signedOut(app: App, connection: Connection, user: SignedInUser): Pending;
}

export function createWatchlist(hub: Hub, roster: Roster, activity: ActivityFeed): Watchlist {
  /**
   * Subscribes the connection to changes and sends who is online, in one turn of the event loop: no change is missed.
   */
  function startWatching(connection: Connection, watchlist: readonly string[]): void {
    const { appId } = connection;
    for (const watched of watchlist) hub.enter(connection, watchTopic(watched));
    const events = [
      { name: "online" as const, userIds: watchlist.filter((userId) => roster.isOnline(appId, userId)) },
      { name: "offline" as const, userIds: watchlist.filter((userId) => !roster.isOnline(appId, userId)) },
    ];
    hub.send(connection, watchlistFrame(events.filter(({ userIds }) => userIds.length > 0)));
  }

  return {
    signedIn(app, connection, { id, watchlist }, dataBytes, confirm) {
      activity.emit({ type: "signed_in", appId: app.id, connection, userId: id, dataBytes });
      const connected = roster.userConnected(app.id, id, app.settings.watchlistEnabled);
      const watching = watchlist.length === 0 ? undefined : roster.watch(app.id, watchlist);
      function finish(): void {
        confirm();
        if (watchlist.length > 0) startWatching(connection, watchlist);
      }
      if (connected !== undefined || watching !== undefined)
        return Promise.all([connected, watching]).then(finish);
      finish();
    },
    signedOut(app, _connection, { id, watchlist }) {
      if (watchlist.length > 0) roster.unwatch(app.id, watchlist);
      return roster.userDisconnected(app.id, id, app.settings.watchlistEnabled);
    },
  };
}
