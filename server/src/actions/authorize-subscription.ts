/** Checks the signature that a subscription brings, and reads the member that it stands for. */
import type { App } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Connection, Subscription } from "../core/connection.ts";
import { isPresenceChannel, needsAuthorization } from "../protocol/channel-name.ts";
import type { ClientMessage } from "../protocol/client-message.ts";
import { SubscriptionRefused } from "../protocol/errors.ts";
import { jsonText } from "../protocol/json-text.ts";
import type { MemberInfo } from "../protocol/server-message.ts";
import { channelStringToSign, splitAuth } from "../protocol/signature.ts";

export type SubscribeMessage = Extract<ClientMessage, { readonly type: "subscribe" }>;

export interface Authorization {
  readonly subscription: Subscription;
  /** Presence channels only. */
  readonly member: MemberInfo | null;
}

export type AuthorizeSubscription = (
  app: App,
  connection: Connection,
  message: SubscribeMessage,
) => Authorization;

const userIdLengthMax = 128;
const shownLengthMax = 128;
const openToAll: Authorization = { subscription: { userId: null, secretId: null }, member: null };

/** The returned function throws SubscriptionRefused. */
export function createAuthorizeSubscription(registry: AppRegistry): AuthorizeSubscription {
  return function authorizeSubscription(app, connection, message) {
    const { channel, channelData } = message;
    if (!needsAuthorization(channel)) return openToAll;
    const secretId = verify(registry, app, connection, message);
    if (!isPresenceChannel(channel)) return { subscription: { userId: null, secretId }, member: null };
    const member =
      channelData === null ? memberOfUser(connection, channel) : parseMember(app, channel, channelData);
    return { subscription: { userId: member.userId, secretId }, member };
  };
}

function verify(
  registry: AppRegistry,
  app: App,
  connection: Connection,
  { channel, auth, channelData }: SubscribeMessage,
): string {
  const parts = splitAuth(auth);
  if (parts === null) {
    throw new SubscriptionRefused(
      channel,
      "AuthError",
      `Invalid signature: subscribing to ${channel} needs auth in the form APP_KEY:SIGNATURE`,
      401,
    );
  }
  if (parts.key !== app.key) {
    throw new SubscriptionRefused(
      channel,
      "AuthError",
      `Invalid key in subscription auth data: '${parts.key.slice(0, shownLengthMax)}'`,
      401,
    );
  }
  const text = channelStringToSign(connection.socketId, channel, channelData);
  const secretId = registry.verify(app.id, "channelAuthorization", text, parts.signature);
  if (secretId === null) {
    const given = parts.signature.slice(0, shownLengthMax);
    throw new SubscriptionRefused(
      channel,
      "AuthError",
      `Invalid signature: Expected HMAC SHA256 hex digest of ${text.slice(0, 1024)}, but got ${given}`,
      401,
    );
  }
  return secretId;
}

function memberOfUser({ user }: Connection, channel: string): MemberInfo {
  if (user === null) {
    throw new SubscriptionRefused(
      channel,
      "AuthError",
      `Subscribing to ${channel} needs channel_data with a user_id, or a signed-in connection`,
      401,
    );
  }
  return { userId: user.id, infoJson: user.infoJson };
}

function parseMember(app: App, channel: string, channelData: string): MemberInfo {
  const bytesMax = app.settings.presenceMemberBytesMax;
  if (Buffer.byteLength(channelData) > bytesMax) {
    throw new SubscriptionRefused(
      channel,
      "LimitReached",
      `The channel_data of a member may be at most ${bytesMax} bytes`,
      413,
    );
  }
  const { user_id: userId, user_info: info } = parseObject(channel, channelData);
  if (typeof userId === "number" && Math.abs(userId) > Number.MAX_SAFE_INTEGER) {
    throw new SubscriptionRefused(
      channel,
      "AuthError",
      "The user_id in channel_data is too large for a number, which would lose digits: send it as a string",
      401,
    );
  }
  const id = typeof userId === "number" ? String(userId) : userId;
  if (typeof id !== "string" || id === "" || id.length > userIdLengthMax) {
    throw new SubscriptionRefused(
      channel,
      "AuthError",
      `The user_id in channel_data must be a string or a number of 1 to ${userIdLengthMax} characters`,
      401,
    );
  }
  const infoJson = info === undefined ? null : jsonText(info);
  if (info !== undefined && infoJson === null) {
    throw new SubscriptionRefused(
      channel,
      "LimitReached",
      "The user_info in channel_data is nested too deeply",
      413,
    );
  }
  return { userId: id, infoJson };
}

function parseObject(channel: string, channelData: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(channelData);
    if (typeof parsed === "object" && parsed !== null) return parsed as Readonly<Record<string, unknown>>;
  } catch {
    // Falls through: what is not JSON is refused like what is not an object.
  }
  throw new SubscriptionRefused(
    channel,
    "AuthError",
    "channel_data must be a JSON object with a user_id",
    401,
  );
}
