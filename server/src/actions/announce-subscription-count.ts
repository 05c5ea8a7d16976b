/** Tells a channel how many subscriptions it has: at once while it is small, at most every five seconds when it is large. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import { channelTopic } from "../core/hub.ts";
import type { Clock } from "../core/ports/clock.ts";
import { isPresenceChannel } from "../protocol/channel-name.ts";
import { subscriptionCountFrame } from "../protocol/server-message.ts";
import type { Announce } from "./announce.ts";

const largeFrom = 100;
const largeIntervalMs = 5_000;

export type AnnounceSubscriptionCount = (app: App, channel: string, subscriptionCount: number) => void;

export function createAnnounceSubscriptionCount(
  announce: Announce,
  registry: AppRegistry,
  activity: ActivityFeed,
  clock: Clock,
): AnnounceSubscriptionCount {
  /** The newest count of each large channel whose next announcement is waiting; null when nothing changed since. */
  const waiting = new Map<string, number | null>();

  function tell(appId: string, channel: string, subscriptionCount: number): void {
    announce(appId, channelTopic(appId, channel), subscriptionCountFrame(channel, subscriptionCount));
    activity.emit({ type: "subscription_count", appId, channel, subscriptionCount });
  }

  function tellLater(appId: string, channel: string): void {
    const topic = channelTopic(appId, channel);
    waiting.set(topic, null);
    clock.after(largeIntervalMs, () => {
      const newest = waiting.get(topic) ?? null;
      waiting.delete(topic);
      // Its toggle may have been turned off meanwhile.
      if (newest === null || !isAnnounced(registry.byId(appId), channel)) return;
      tell(appId, channel, newest);
      if (newest > largeFrom) tellLater(appId, channel);
    });
  }

  return function announceSubscriptionCount(app, channel, subscriptionCount) {
    if (!isAnnounced(app, channel)) return;
    if (waiting.has(channelTopic(app.id, channel))) {
      waiting.set(channelTopic(app.id, channel), subscriptionCount);
      return;
    }
    tell(app.id, channel, subscriptionCount);
    if (subscriptionCount > largeFrom) tellLater(app.id, channel);
  };
}

function isAnnounced(app: App | null, channel: string): boolean {
  return app?.settings.subscriptionCountEnabled === true && !isPresenceChannel(channel);
}
