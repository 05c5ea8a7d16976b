/** A connection leaves a channel, on request or because it is gone. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { Connection } from "../core/connection.ts";
import { channelTopic, type Hub } from "../core/hub.ts";
import type { EventCache } from "../core/ports/event-cache.ts";
import type { Roster } from "../core/ports/former-roster.ts";
import { isCacheChannel, serverToUserId } from "../protocol/channel-name.ts";
import { EventRefused } from "../protocol/errors.ts";
import type { AnnouncePresence } from "./announce-presence.ts";

export type Unsubscribe = (app: App, connection: Connection, channel: string) => Promise<void>;

/** The returned function throws EventRefused where there is no such subscription. */
export function createUnsubscribe(
  { hub, roster }: { readonly hub: Hub; readonly roster: Roster },
  presence: AnnouncePresence,
  cache: EventCache,
  activity: ActivityFeed,
): Unsubscribe {
  return async function unsubscribe(app, connection, channel) {
    if (!connection.subscriptions.delete(channel)) {
      throw new EventRefused(
        null,
        `No current subscription to channel ${channel.slice(0, 200)}, or subscription in progress`,
      );
    }
    hub.leave(channelTopic(app.id, channel), connection);
    if (serverToUserId(channel) !== null) return;
    activity.emit({ type: "unsubscribed", appId: app.id, connection, channel });
    const left = await roster.leave(app.id, channel, connection.socketId);
    presence.departure(app, channel, left);
    if (left.wasLastInChannel && isCacheChannel(channel)) await cache.forgetMiss(app.id, channel);
  };
}
