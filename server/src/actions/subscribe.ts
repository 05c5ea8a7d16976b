/** Subscribes a connection to a channel. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import { settingsOfChannel } from "../core/apps/channel-rules.ts";
import { boundsOf, catchUpOf } from "../core/channel-history.ts";
import type { Connection, Subscription } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { bytesOfSubscription, type ConnectionMemory } from "../core/limits/connection-memory.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { Pending } from "../core/ports/line.ts";
import type { Joined, Roster } from "../core/ports/roster.ts";
import {
  channelNameRule,
  isCacheChannel,
  isChannelName,
  isPresenceChannel,
  needsAuthorization,
  serverToUserId,
} from "../protocol/channel-name.ts";
import { EventRefused, SubscriptionRefused } from "../protocol/errors.ts";
import {
  cacheMissFrame,
  presenceSucceededFrame,
  subscriptionSucceededFrame,
} from "../protocol/server-message.ts";
import type { AuthorizeSubscription, SubscribeMessage } from "./authorize-subscription.ts";
import type { ConnectionQuota } from "./connection-quota.ts";
import { enteredHistory } from "./enter-history.ts";
import { publishesCount } from "./publishes-count.ts";

export type Subscribe = (app: App, connection: Connection, message: SubscribeMessage) => Pending;

/** The parts of the server that a subscription uses. */
interface Parts {
  readonly authorize: AuthorizeSubscription;
  readonly hub: Hub;
  readonly quota: ConnectionQuota;
  readonly memory: ConnectionMemory;
  readonly broker: Broker;
  readonly roster: Roster;
  readonly activity: ActivityFeed;
}

/**
 * The returned function throws SubscriptionRefused or EventRefused, or CloseConnection if the app has too many
 * connections.
 */
export function createSubscribe(
  authorize: AuthorizeSubscription,
  { hub, quota, memory }: Pick<Parts, "hub" | "quota" | "memory">,
  { broker, roster }: Pick<Parts, "broker" | "roster">,
  activity: ActivityFeed,
): Subscribe {
  const parts: Parts = { authorize, hub, quota, memory, broker, roster, activity };
  return (app, connection, message) =>
    serverToUserId(message.channel) === null
      ? joinChannel(parts, app, connection, message)
      : enterOwnChannel(parts, app, connection, message.channel);
}

function enterOwnChannel(parts: Parts, app: App, connection: Connection, channel: string): Pending {
  const { hub, broker } = parts;
  checkAllowed(app, connection, channel);
  const { appId, user } = connection;
  const subscription = { userId: null, secretId: user?.secretId ?? null, infoBytes: 0 };
  keep(parts, connection, channel, subscription);
  connection.subscriptions.set(channel, subscription);
  const enter = () => {
    hub.enter(connection, channel);
    hub.send(connection, subscriptionSucceededFrame(channel));
  };
  const following = broker.follow(appId, channel);
  if (following !== undefined) return following.then(enter);
  enter();
}

function joinChannel(parts: Parts, app: App, connection: Connection, message: SubscribeMessage): Pending {
  const { channel } = message;
  checkAllowed(app, connection, channel);
  const { subscription, member } = parts.authorize(app, connection, message);
  if (needsAuthorization(channel)) parts.quota.admit(app, connection);
  const membersMax = settingsOfChannel(app.settings, channel).presenceMembersMax;
  keep(parts, connection, channel, subscription);
  const request = {
    appId: app.id,
    channel,
    member,
    membersMax,
    isCountPublished: publishesCount(app, channel),
    bounds: boundsOf(app, channel),
    catchUp: catchUpOf(app, channel, message.recover),
  };
  let isEntering = true;
  const joining = parts.roster.join(request, (joined) => {
    isEntering = false;
    connection.entering = null;
    if (joined.outcome === "joined") {
      connection.subscriptions.set(channel, subscription);
      return enterChannel(parts, app, connection, message, joined);
    }
    parts.memory.give(connection, bytesOfSubscription(channel, subscription));
    throw new SubscriptionRefused(
      channel,
      "LimitReached",
      `The presence channel is full: it may have at most ${membersMax} members`,
      403,
    );
  });
  // CloseDistrusted must find this connection while its join is running.
  if (isEntering) connection.entering = subscription;
  return joining;
}

function keep({ memory }: Parts, connection: Connection, channel: string, subscription: Subscription): void {
  if (memory.take(connection, bytesOfSubscription(channel, subscription))) return;
  throw new SubscriptionRefused(
    channel,
    "LimitReached",
    "The app's subscriptions need more memory than this server allows (subscriptionBytesPerAppMax, subscriptionBytesMax)",
    503,
  );
}

/** Called at the join's point of the channel's line, so it must not await. */
function enterChannel(
  { hub, activity }: Parts,
  app: App,
  connection: Connection,
  { channel, recover }: SubscribeMessage,
  { members, history }: Joined & { outcome: "joined" },
): void {
  const { appId } = connection;
  hub.enter(connection, channel);
  const { notice, frames } = enteredHistory(app, channel, recover, history);
  const isPresence = isPresenceChannel(channel);
  const succeeded = isPresence
    ? presenceSucceededFrame(channel, members, notice)
    : subscriptionSucceededFrame(channel, notice);
  hub.send(connection, succeeded);
  const counted = isPresence ? { memberCount: members.length } : {};
  activity.emit({ type: "subscribed", appId, connection, channel, ...counted });
  if (notice?.recovered === true)
    activity.emit({ type: "recovered", appId, connection, channel, replayed: frames.length });
  if (notice?.reason !== undefined)
    activity.emit({ type: "recovery_refused", appId, connection, channel, reason: notice.reason });
  for (const frame of frames) hub.send(connection, frame);
  if (!isCacheChannel(channel) || history === null || frames.length > 0 || recover !== null) return;
  hub.send(connection, cacheMissFrame(channel));
  if (history.outcome === "whole" && history.isFirstMiss)
    activity.emit({ type: "cache_miss", appId, channel });
}

function checkAllowed(app: App, connection: Connection, channel: string): void {
  const { channelNameLengthMax, channelsPerConnectionMax } = app.settings;
  if (connection.subscriptions.has(channel)) {
    throw new EventRefused(null, `Existing subscription to channel ${channel}`);
  }
  const ownerId = serverToUserId(channel);
  if (ownerId !== null && ownerId !== connection.user?.id) {
    throw new SubscriptionRefused(
      channel,
      "AuthError",
      `Only the signed-in user may subscribe to ${channel}`,
      401,
    );
  }
  if (ownerId === null && !isChannelName(channel, channelNameLengthMax)) {
    throw new SubscriptionRefused(
      channel.slice(0, channelNameLengthMax),
      "InvalidChannel",
      `Invalid channel name: ${channelNameRule(channelNameLengthMax)}`,
      400,
    );
  }
  if (connection.subscriptions.size() >= channelsPerConnectionMax) {
    throw new SubscriptionRefused(
      channel,
      "LimitReached",
      `A connection may be in at most ${channelsPerConnectionMax} channels`,
      403,
    );
  }
}
