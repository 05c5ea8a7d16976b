/** Checks the signature of a subscription, and parses its member. */
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { type ChannelSettings, settingsOfChannel } from "../core/apps/channel-rules.ts";
import type { Connection, Subscription } from "../core/connection.ts";
import { isPresenceChannel, needsAuthorization, userIdLengthMax } from "../protocol/channel-name.ts";
import type { ClientMessage } from "../protocol/client-message.ts";
import { SubscriptionRefused } from "../protocol/errors.ts";
import type { MemberInfo } from "../protocol/server-message.ts";
import { channelStringToSign } from "../protocol/signature.ts";
import { isUserId, parseAuthData, type Refuse, verifyAuth } from "./auth-data.ts";

export type SubscribeMessage = Extract<ClientMessage, { readonly type: "subscribe" }>;

export interface Authorization {
  readonly subscription: Subscription;
  /** The member on a presence channel; null on other channels. */
  readonly member: MemberInfo | null;
}

export type AuthorizeSubscription = (
  app: App,
  connection: Connection,
  message: SubscribeMessage,
) => Authorization;

const shownTextLengthMax = 1_024;
const openToAll: Authorization = {
  subscription: { userId: null, secretId: null, infoBytes: 0 },
  member: null,
};

/** The returned function throws SubscriptionRefused. */
export function createAuthorizeSubscription(registry: AppRegistry): AuthorizeSubscription {
  return function authorizeSubscription(app, connection, { channel, auth, channelData }) {
    if (!needsAuthorization(channel)) return openToAll;
    const refuse: Refuse = (message, why) =>
      new SubscriptionRefused(channel, why, message, why === "LimitReached" ? 413 : 401);
    const text = channelStringToSign(connection.socketId, channel, channelData);
    const shownText = text.slice(0, shownTextLengthMax);
    const words = { subject: "subscription", act: `subscribing to ${channel}`, shownText };
    const signed = { purpose: "channelAuthorization", auth, text, ...words } as const;
    const secretId = verifyAuth(registry, app, signed, refuse);
    if (!isPresenceChannel(channel)) {
      return { subscription: { userId: null, secretId, infoBytes: 0 }, member: null };
    }
    const member =
      channelData === null
        ? memberOfUser(connection, channel, refuse)
        : parseMember(settingsOfChannel(app.settings, channel), channelData, refuse);
    const infoBytes = Buffer.byteLength(member.infoJson ?? "");
    return { subscription: { userId: member.userId, secretId, infoBytes }, member };
  };
}

function memberOfUser({ user }: Connection, channel: string, refuse: Refuse): MemberInfo {
  if (user !== null) return { userId: user.id, infoJson: user.infoJson };
  throw refuse(
    `Subscribing to ${channel} needs channel_data with a user_id, or a signed-in connection`,
    "AuthError",
  );
}

function parseMember(
  { presenceMemberBytesMax: bytesMax }: ChannelSettings,
  channelData: string,
  refuse: Refuse,
): MemberInfo {
  const { fields, infoJson } = parseAuthData(
    channelData,
    { name: "channel_data", idName: "a user_id", bytesMax },
    refuse,
  );
  const { user_id: id } = fields;
  // A JavaScript client would round a larger number and not find its own member.
  if (typeof id === "number" && Math.abs(id) > Number.MAX_SAFE_INTEGER) {
    throw refuse(
      "The user_id in channel_data is too large for a number, which would lose digits: send it as a string",
      "AuthError",
    );
  }
  const userId = typeof id === "number" ? String(id) : id;
  if (isUserId(userId)) return { userId, infoJson };
  throw refuse(
    `The user_id in channel_data must be a string or a number of 1 to ${userIdLengthMax} characters without NUL`,
    "AuthError",
  );
}
