/** The handlers for occupied channels and their members. */
import type { ReadCachedEvent } from "../../actions/read-cached-event.ts";
import type { ReadHistory } from "../../actions/read-history.ts";
import type { App } from "../../core/apps/app.ts";
import { ruleKeyNames, ruleOfChannel, settingsOfChannel } from "../../core/apps/channel-rules.ts";
import type { Hub } from "../../core/hub.ts";
import type { ChannelCounts, Roster } from "../../core/ports/roster.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import {
  isCacheChannel,
  isEncryptedChannel,
  isPresenceChannel,
  needsAuthorization,
} from "../../protocol/channel-name.ts";
import { parseExactly } from "../../protocol/parse-exactly.ts";
import type { Channel, ChannelSummary } from "../contracts/channels.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { pageOf } from "../page.ts";

const listedMax = 1_000;

export function createChannelHandlers(
  roster: Roster,
  {
    readCachedEvent,
    readHistory,
  }: { readonly readCachedEvent: ReadCachedEvent; readonly readHistory: ReadHistory },
  hub: Hub,
  allNodes: AllNodes,
): Handlers<"listChannels" | "getChannel" | "channelHistory" | "channelSettings"> {
  async function membersOf(appId: string, name: string): Promise<Channel["members"]> {
    if (!isPresenceChannel(name)) return null;
    const members = await roster.members(appId, name);
    return members.slice(0, listedMax).map(({ userId, infoJson }) => ({
      id: userId,
      info: infoJson === null ? null : parseExactly(infoJson),
    }));
  }

  const subscribersOf = allNodes.question("subscribers", ({ appId, name }: ChannelOf) => {
    const found: Omit<Channel["subscribers"][number], "node">[] = [];
    for (const { socketId, subscriptions, user } of hub.connections(appId)) {
      const subscription = subscriptions.get(name);
      if (subscription === undefined) continue;
      found.push({ socketId, userId: subscription.userId ?? user?.id ?? null });
      if (found.length === listedMax) break;
    }
    return found;
  });

  async function cachedEventOf(app: App, name: string): Promise<Channel["cachedEvent"]> {
    const event = await readCachedEvent(app, name);
    if (event === null) return null;
    return { name: event.name, data: event.data, expiresAt: isoTime(event.expiresAtMs) };
  }

  return {
    channelSettings({ app, query: { channel } }) {
      const settings = settingsOfChannel(app.settings, channel);
      return {
        rule: ruleOfChannel(app.settings, channel),
        settings: Object.fromEntries(ruleKeyNames.map((key) => [key, settings[key]])),
      };
    },
    async channelHistory({ app, params: { channel }, query: { from = null, since, until, ...query } }) {
      const during = { sinceMs: msOf(since), untilMs: msOf(until) };
      const { epoch, events, next } = await readHistory(app, channel, { ...query, ...during, from });
      return { epoch, events: events.map(({ atMs, ...event }) => ({ ...event, at: isoTime(atMs) })), next };
    },
    async listChannels({ app, query }) {
      const channels = await roster.channels(app.id, query.prefix);
      const { items, ...page } = pageOf(channels, ([name]) => name, query);
      return { channels: items.map(([name, counts]) => summary(name, counts)), ...page };
    },
    async getChannel({ app, params: { channel } }) {
      const [counts, { parts, unanswered }] = await Promise.all([
        roster.counts(app.id, channel),
        subscribersOf({ appId: app.id, name: channel }),
      ]);
      const subscribers = parts.flatMap(({ node, answer }) => answer.map((one) => ({ ...one, node })));
      return {
        unanswered,
        channel: {
          ...summary(channel, counts),
          isOccupied: counts.subscriptionCount > 0,
          members: await membersOf(app.id, channel),
          subscribers: subscribers.slice(0, listedMax),
          cachedEvent: await cachedEventOf(app, channel),
        },
      };
    },
  };
}

function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

interface ChannelOf {
  readonly appId: string;
  readonly name: string;
}

function summary(name: string, { subscriptionCount, userCount }: ChannelCounts): ChannelSummary {
  return {
    name,
    type: typeOf(name),
    isCache: isCacheChannel(name),
    subscriptionCount,
    userCount: isPresenceChannel(name) ? userCount : null,
  };
}

function typeOf(name: string): ChannelSummary["type"] {
  if (isPresenceChannel(name)) return "presence";
  if (isEncryptedChannel(name)) return "encrypted";
  return needsAuthorization(name) ? "private" : "public";
}
