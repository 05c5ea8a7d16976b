/** Delivers the entries of lines to this node's subscribers, with one call of the runtime's topics for each entry. */
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { sendsPosition } from "../core/apps/channel-rules.ts";
import { channelTopic, type Hub, watchTopic } from "../core/hub.ts";
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
      const topic = channelTopic(appId, channel);
      if (!hub.hasSubscribers(topic)) return 0;
      const { exceptSocketId } = event;
      const frame = position === null ? event.frame : numbered(appId, channel, event.frame, position.offset);
      const except = exceptSocketId === null ? null : hub.find(appId, exceptSocketId);
      const deliveries = hub.deliver(topic, frame, except);
      if (deliveries === 0) return 0;
      activity.emit({ type: "delivered", appId, channel, deliveries, frameBytes: Buffer.byteLength(frame) });
      return deliveries;
    },

    memberAdded(appId, channel, member) {
      const topic = channelTopic(appId, channel);
      if (hub.hasSubscribers(topic)) hub.deliver(topic, memberAddedFrame(channel, member), null);
    },

    memberRemoved(appId, channel, userId) {
      const topic = channelTopic(appId, channel);
      if (hub.hasSubscribers(topic)) hub.deliver(topic, memberRemovedFrame(channel, userId), null);
    },

    subscriptionCount(appId, channel, subscriptionCount) {
      const topic = channelTopic(appId, channel);
      if (!publishesCount(registry.byId(appId), channel)) return;
      if (hub.hasSubscribers(topic))
        hub.deliver(topic, subscriptionCountFrame(channel, subscriptionCount), null);
    },

    userOnline(appId, userId, isOnline) {
      const topic = watchTopic(appId, userId);
      if (!hub.hasSubscribers(topic)) return;
      const name = isOnline ? "online" : "offline";
      hub.deliver(topic, watchlistFrame([{ name, userIds: [userId] }]), null);
    },
  };
}
