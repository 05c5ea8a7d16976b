/** Tells users when those they watch come online and go offline. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { Connection, SignedInUser } from "../core/connection.ts";
import { type Hub, watchTopic } from "../core/hub.ts";
import type { Roster } from "../core/ports/former-roster.ts";
import { watchlistFrame } from "../protocol/server-message.ts";
import type { Announce } from "./announce.ts";

export interface Watchlist {
  signedIn(app: App, connection: Connection, user: SignedInUser): Promise<void>;
  /** The connection of a signed-in user is gone. */
  signedOut(app: App, connection: Connection, user: SignedInUser): Promise<void>;
}

export function createWatchlist(
  hub: Hub,
  roster: Roster,
  announce: Announce,
  activity: ActivityFeed,
): Watchlist {
  function tellWatchers(app: App, userId: string, name: "online" | "offline"): void {
    activity.emit({ type: name === "online" ? "user_online" : "user_offline", appId: app.id, userId });
    if (!app.settings.watchlistEnabled) return;
    announce(app.id, watchTopic(app.id, userId), watchlistFrame([{ name, userIds: [userId] }]));
  }

  return {
    async signedIn(app, connection, user) {
      const isFirst = await roster.userConnected(app.id, user.id, connection.socketId);
      activity.emit({ type: "signed_in", appId: app.id, connection, userId: user.id });
      if (isFirst) tellWatchers(app, user.id, "online");
      if (!app.settings.watchlistEnabled || user.watchlist.length === 0) return;
      for (const watched of user.watchlist) hub.enter(watchTopic(app.id, watched), connection);
      const online = await roster.onlineUsers(app.id, user.watchlist);
      const events = [
        { name: "online" as const, userIds: user.watchlist.filter((id) => online.has(id)) },
        { name: "offline" as const, userIds: user.watchlist.filter((id) => !online.has(id)) },
      ];
      hub.send(connection, watchlistFrame(events.filter(({ userIds }) => userIds.length > 0)));
    },
    async signedOut(app, connection, user) {
      const wasLast = await roster.userDisconnected(app.id, user.id, connection.socketId);
      if (wasLast) tellWatchers(app, user.id, "offline");
    },
  };
}
