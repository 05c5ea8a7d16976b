/** A connection enters a channel. */
import type { App } from "../core/app.ts";
import type { Connection } from "../core/connection.ts";
import { channelTopic, type Hub } from "../core/hub.ts";
import type { Roster } from "../core/ports/former-roster.ts";
import {
  isChannelName,
  isPresenceChannel,
  needsAuthorization,
  serverToUserId,
} from "../protocol/channel-name.ts";
import { EventRefused, SubscriptionRefused } from "../protocol/errors.ts";
import { presenceSucceededFrame, subscriptionSucceededFrame } from "../protocol/server-message.ts";
import type { AfterEntry } from "./after-entry.ts";
import type { AnnouncePresence } from "./announce-presence.ts";
import type { AuthorizeSubscription, SubscribeMessage } from "./authorize-subscription.ts";
import type { ConnectionQuota } from "./connection-quota.ts";

export type Subscribe = (app: App, connection: Connection, message: SubscribeMessage) => Promise<void>;

/** The returned function throws SubscriptionRefused or EventRefused, or CloseConnection where the app has too many connections. */
export function createSubscribe(
  authorize: AuthorizeSubscription,
  { hub, roster, quota }: { readonly hub: Hub; readonly roster: Roster; readonly quota: ConnectionQuota },
  presence: AnnouncePresence,
  afterEntry: AfterEntry,
): Subscribe {
  return async function subscribe(app, connection, message) {
    const { channel } = message;
    checkAllowed(app, connection, channel);
    const topic = channelTopic(app.id, channel);
    if (serverToUserId(channel) !== null) {
      connection.subscriptions.set(channel, { userId: null, secretId: connection.user?.secretId ?? null });
      hub.enter(topic, connection);
      hub.send(connection, subscriptionSucceededFrame(channel));
      return;
    }
    const { subscription, member } = authorize(app, connection, message);
    if (needsAuthorization(channel)) quota.admit(app, connection);
    const membersMax = app.settings.presenceMembersMax;
    // Before the join, so that a close of what its secret authorized finds this connection meanwhile.
    connection.subscriptions.set(channel, subscription);
    const joined = await roster.join(app.id, channel, connection.socketId, member, membersMax);
    if (joined.outcome === "full") {
      connection.subscriptions.delete(channel);
      throw new SubscriptionRefused(
        channel,
        "LimitReached",
        `The presence channel is full: it may have at most ${membersMax} members`,
        403,
      );
    }
    presence.arrival(app, channel, member, joined);
    hub.enter(topic, connection);
    hub.send(
      connection,
      isPresenceChannel(channel)
        ? presenceSucceededFrame(channel, joined.members)
        : subscriptionSucceededFrame(channel),
    );
    await afterEntry(app, connection, channel, joined.subscriptionCount);
  };
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
      `Invalid channel name: use 1 to ${channelNameLengthMax} characters of A-Z a-z 0-9 _ - = @ , . ;`,
      400,
    );
  }
  if (connection.subscriptions.size >= channelsPerConnectionMax) {
    throw new SubscriptionRefused(
      channel,
      "LimitReached",
      `A connection may be in at most ${channelsPerConnectionMax} channels`,
      403,
    );
  }
}
