/** Unsubscribes a connection from a channel, on request or because the connection closed. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { bytesOfSubscription, type ConnectionMemory } from "../core/limits/connection-memory.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { Pending } from "../core/ports/line.ts";
import type { Roster } from "../core/ports/roster.ts";
import { serverToUserId } from "../protocol/channel-name.ts";
import { EventRefused } from "../protocol/errors.ts";
import { publishesCount } from "./publishes-count.ts";

export type Unsubscribe = (app: App, connection: Connection, channel: string) => Pending;

/** The returned function throws EventRefused if there is no such subscription. */
export function createUnsubscribe(
  { hub, memory }: { readonly hub: Hub; readonly memory: ConnectionMemory },
  { broker, roster }: { readonly broker: Broker; readonly roster: Roster },
  activity: ActivityFeed,
): Unsubscribe {
  return function unsubscribe(app, connection, channel) {
    const subscription = connection.subscriptions.get(channel);
    if (subscription === undefined) {
      throw new EventRefused(
        null,
        `No current subscription to channel ${channel.slice(0, 200)}, or subscription in progress`,
      );
    }
    connection.subscriptions.delete(channel);
    memory.give(connection, bytesOfSubscription(channel, subscription));
    hub.leave(connection, channel);
    if (serverToUserId(channel) !== null) {
      broker.unfollow(app.id, channel);
      return undefined;
    }
    activity.emit({ type: "unsubscribed", appId: app.id, connection, channel });
    const { userId } = subscription;
    return roster.leave({ appId: app.id, channel, userId, isCountPublished: publishesCount(app, channel) });
  };
}
