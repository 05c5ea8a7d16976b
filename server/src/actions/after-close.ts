/** Cleans up after a closed socket: unsubscribes the connection from every channel and signs out its user. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { presenceGraceMs } from "../core/apps/channel-rules.ts";
import { type Connection, membershipsOf } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { ConnectionMemory } from "../core/limits/connection-memory.ts";
import type { Pending } from "../core/ports/line.ts";
import { closeCodes } from "../protocol/errors.ts";
import type { PresenceGraces } from "./presence-graces.ts";
import type { OnBug } from "./refuse-message.ts";
import type { Unsubscribe } from "./unsubscribe.ts";
import type { Watchlist } from "./watchlist.ts";

export type AfterClose = (connection: Connection, code: number, reason: string) => Promise<void>;

/** Codes of connections that were lost, not closed by the client: the network failed, or a ping got no answer. */
const cutOffCodes: ReadonlySet<number> = new Set([1006, closeCodes.pongNotReceived]);

export function createAfterClose(
  {
    registry,
    hub,
    memory,
  }: { readonly registry: AppRegistry; readonly hub: Hub; readonly memory: ConnectionMemory },
  unsubscribe: Unsubscribe,
  watchlist: Watchlist,
  activity: ActivityFeed,
  { graces, onBug }: { readonly graces: PresenceGraces; readonly onBug: OnBug },
): AfterClose {
  /**
   * Calls `leave` after the grace. Until then the roster counts the connection, so its user stays a member and online,
   * even if the client reconnects to another node.
   */
  function later(connection: Connection, graceMs: number, leave: (app: App) => Pending): void {
    graces.begin(graceMs, async () => {
      try {
        await leave(appOf(connection));
      } catch (error) {
        onBug(error, connection);
      }
      if (connection.subscriptions.size() === 0) memory.giveAll(connection);
    });
  }

  function appOf({ appId, openedWith }: Connection): App {
    return registry.byId(appId) ?? openedWith;
  }

  return async function afterClose(connection, code, reason) {
    const app = appOf(connection);
    connection.isClosed = true;
    const memberships = membershipsOf(connection);
    const { user } = connection;
    if (user !== null) hub.removeUser(user.id, connection);
    hub.remove(connection);
    const leaving: Promise<unknown>[] = [];
    const leave = (graceMs: number, how: (app: App) => Pending) => {
      if (graceMs > 0) later(connection, graceMs, how);
      else leaving.push((async () => how(app))());
    };
    // A user who is still a member of a channel is online.
    let userGraceMs = 0;
    for (const channel of connection.subscriptions.keys()) {
      const graceMs = cutOffCodes.has(code) ? presenceGraceMs(app.settings, channel) : 0;
      userGraceMs = Math.max(userGraceMs, graceMs);
      leave(graceMs, (now) => unsubscribe(now, connection, channel));
    }
    if (user !== null) leave(userGraceMs, (now) => watchlist.signedOut(now, connection, user));
    const ended = await Promise.allSettled(leaving);
    if (connection.subscriptions.size() === 0) memory.giveAll(connection);
    activity.emit({ type: "connection_closed", appId: app.id, connection, memberships, code, reason });
    // After a failure in one channel, the connection must still leave the others.
    const failures = ended.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    if (failures.length > 0)
      throw new AggregateError(failures, "Cleanup of a closed connection failed in part");
  };
}
