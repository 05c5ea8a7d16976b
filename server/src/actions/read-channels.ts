/** Answers the questions of backends about channels: counts, users and cached events. */
import type { App } from "../core/apps/app.ts";
import type { ChannelCounts, Roster } from "../core/ports/roster.ts";
import { isCacheChannel, isPresenceChannel } from "../protocol/channel-name.ts";
import type { ReadCachedEvent } from "./read-cached-event.ts";

export const infoAttributes = ["user_count", "subscription_count", "cache"] as const;
export type InfoAttribute = (typeof infoAttributes)[number];

/** One channel in the HTTP API's answers, in wire spelling. */
export interface ChannelInfo {
  user_count?: number;
  subscription_count?: number;
  cache?: { readonly data: string; readonly ttl: number } | null;
}

export interface ReadChannels {
  /** Occupied channels by name, each with the requested attributes. */
  list(app: App, prefix: string, attributes: readonly InfoAttribute[]): Promise<Record<string, ChannelInfo>>;
  one(
    app: App,
    channel: string,
    attributes: readonly InfoAttribute[],
  ): Promise<ChannelInfo & { readonly occupied: boolean }>;
  /** The distinct users of a presence channel. */
  userIds(app: App, channel: string): Promise<readonly string[]>;
}

export function createReadChannels(roster: Roster, readCachedEvent: ReadCachedEvent): ReadChannels {
  return {
    async list(app, prefix, attributes) {
      const channels = await roster.channels(app.id, prefix);
      // No prototype, so that a channel named __proto__ is an ordinary key.
      const listed: Record<string, ChannelInfo> = Object.create(null);
      for (const [channel, counts] of channels) listed[channel] = describe(channel, counts, attributes);
      return listed;
    },
    async one(app, channel, attributes) {
      const counts = await roster.counts(app.id, channel);
      const info = describe(channel, counts, attributes);
      if (attributes.includes("cache") && isCacheChannel(channel)) {
        const event = await readCachedEvent(app, channel);
        info.cache = event === null ? null : { data: event.data, ttl: Math.ceil(event.leftMs / 1000) };
      }
      return { occupied: counts.subscriptionCount > 0, ...info };
    },
    async userIds(app, channel) {
      const members = await roster.members(app.id, channel);
      return members.map(({ userId }) => userId);
    },
  };
}

function describe(channel: string, counts: ChannelCounts, attributes: readonly InfoAttribute[]): ChannelInfo {
  const info: ChannelInfo = {};
  if (attributes.includes("user_count") && isPresenceChannel(channel)) info.user_count = counts.userCount;
  if (attributes.includes("subscription_count")) info.subscription_count = counts.subscriptionCount;
  return info;
}
