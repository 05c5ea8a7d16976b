/** Delivers the entries of lines to this node's subscribers, with one call for each entry. */
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { sendsPosition } from "../core/apps/channel-rules.ts";
import { type Hub, watchTopic } from "../core/hub.ts";
import type { LineListener } from "../core/ports/line.ts";
import {
  memberAddedFrame,
  memberRemovedFrame,
  subscriptionCountFrame,
  watchlistFrame,
  withOffset,
} from "../protocol/server-message.ts";
import { publishesCount } from "./publishes-count.ts";

export function createDeliverLine(
  { registry, hub }: { readonly registry: AppRegistry; readonly hub: Hub },
  activity: ActivityFeed,
): LineListener {
  function numbered(appId: string, channel: string, frame: string, offset: number): string {
    const app = registry.byId(appId);
    return app !== null && sendsPosition(app.settings, channel) ? withOffset(frame, offset) : frame;
  }

  return {
    event(appId, channel, event, position) {
      const { exceptSocketId } = event;
      const except = exceptSocketId === null ? null : hub.find(appId, exceptSocketId);
      const subscribers = hub.subscriberCount(appId, channel);
      if (subscribers === 0) return 0;
      const frame = position === null ? event.frame : numbered(appId, channel, event.frame, position.offset);
      hub.deliver(appId, channel, frame, except);
      const deliveries = except?.subscriptions.has(channel) ? subscribers - 1 : subscribers;
      if (deliveries === 0) return 0;
      activity.emit({ type: "delivered", appId, channel, deliveries, frameBytes: Buffer.byteLength(frame) });
      return deliveries;
    },

    memberAdded(appId, channel, member) {
      if (hub.subscriberCount(appId, channel) > 0)
        hub.deliver(appId, channel, memberAddedFrame(channel, member));
    },

    memberRemoved(appId, channel, userId) {
      if (hub.subscriberCount(appId, channel) > 0)
        hub.deliver(appId, channel, memberRemovedFrame(channel, userId));
    },

    subscriptionCount(appId, channel, subscriptionCount) {
      if (!publishesCount(registry.byId(appId), channel)) return;
      if (hub.subscriberCount(appId, channel) > 0)
        hub.deliver(appId, channel, subscriptionCountFrame(channel, subscriptionCount));
    },

    userOnline(appId, userId, isOnline) {
      const topic = watchTopic(userId);
      if (hub.subscriberCount(appId, topic) === 0) return;
      const name = isOnline ? "online" : "offline";
      hub.deliver(appId, topic, watchlistFrame([{ name, userIds: [userId] }]));
    },
  };
}
