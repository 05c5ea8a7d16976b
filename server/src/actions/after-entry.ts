/** What follows once a client has been told that it is in a channel. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { Connection } from "../core/connection.ts";
import { isCacheChannel } from "../protocol/channel-name.ts";
import type { AnnounceSubscriptionCount } from "./announce-subscription-count.ts";
import type { ReplayCachedEvent } from "./replay-cached-event.ts";

export type AfterEntry = (
  app: App,
  connection: Connection,
  channel: string,
  subscriptionCount: number,
) => Promise<void>;

export function createAfterEntry(
  replayCachedEvent: ReplayCachedEvent,
  announceCount: AnnounceSubscriptionCount,
  activity: ActivityFeed,
): AfterEntry {
  return async function afterEntry(app, connection, channel, subscriptionCount) {
    activity.emit({ type: "subscribed", appId: app.id, connection, channel });
    if (isCacheChannel(channel)) await replayCachedEvent(connection, channel);
    announceCount(app, channel, subscriptionCount);
  };
}
