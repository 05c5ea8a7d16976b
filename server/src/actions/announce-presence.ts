/** What a join or a leave means to others: presence frames, subscription counts, and activity. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import { channelTopic } from "../core/hub.ts";
import type { Joined, Left } from "../core/ports/former-roster.ts";
import { type MemberInfo, memberAddedFrame, memberRemovedFrame } from "../protocol/server-message.ts";
import type { Announce } from "./announce.ts";
import type { AnnounceSubscriptionCount } from "./announce-subscription-count.ts";

export interface AnnouncePresence {
  /** Called before the joiner is on the channel's topic: it does not hear of itself. */
  arrival(app: App, channel: string, member: MemberInfo | null, joined: Joined & { outcome: "joined" }): void;
  departure(app: App, channel: string, left: Left): void;
}

export function createAnnouncePresence(
  announce: Announce,
  announceCount: AnnounceSubscriptionCount,
  activity: ActivityFeed,
): AnnouncePresence {
  return {
    arrival(app, channel, member, joined) {
      if (joined.isFirstInChannel) activity.emit({ type: "channel_occupied", appId: app.id, channel });
      if (member === null || !joined.isFirstOfUser) return;
      announce(app.id, channelTopic(app.id, channel), memberAddedFrame(channel, member));
      activity.emit({ type: "member_added", appId: app.id, channel, userId: member.userId });
    },
    departure(app, channel, left) {
      if (left.departedUserId !== null) {
        const userId = left.departedUserId;
        announce(app.id, channelTopic(app.id, channel), memberRemovedFrame(channel, userId));
        activity.emit({ type: "member_removed", appId: app.id, channel, userId });
      }
      announceCount(app, channel, left.subscriptionCount);
      if (left.wasLastInChannel) activity.emit({ type: "channel_vacated", appId: app.id, channel });
    },
  };
}
