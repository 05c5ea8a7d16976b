/** The events of webhooks. */
import { createHash } from "node:crypto";
import type { ActivityOf } from "../core/activity.ts";
import type { Turn } from "../core/ports/webhook-outbox.ts";
import type { WebhookEventType } from "../core/webhooks/webhook.ts";

export interface WebhookEvent {
  readonly type: WebhookEventType;
  readonly appId: string;
  /** Null if the event has none. */
  readonly channel: string | null;
  readonly userId: string | null;
  /** The event in the format of the request. */
  readonly json: string;
  readonly atMs: number;
  /** For types that form pairs: the key of the channel, member or user, and the change's revision. Null for other types. */
  readonly turn: Turn | null;
  /** How long the returned channel, member or user was absent; null if it is not known, and for other types. */
  readonly awayMs: number | null;
  /** The `traceparent` of the request that caused it; null if it is not known. */
  readonly cause: string | null;
}

/** Maps each departure type to its return type. If a return follows soon, neither event is sent. */
const beginningOf: { readonly [Type in WebhookEventType]?: WebhookEventType } = {
  channel_vacated: "channel_occupied",
  member_removed: "member_added",
  user_offline: "user_online",
};

const beginnings = new Set(Object.values(beginningOf));

export function isDeparture(type: WebhookEventType): boolean {
  return beginningOf[type] !== undefined;
}

/** The types to watch for the wanted ones: both types of a pair. */
export function withPartners(types: Iterable<WebhookEventType>): Set<WebhookEventType> {
  const all = new Set(types);
  for (const [end, beginning] of Object.entries(beginningOf) as [WebhookEventType, WebhookEventType][])
    if (all.has(end) || all.has(beginning)) all.add(end).add(beginning);
  return all;
}

export function toWebhookEvent(
  activity: ActivityOf<WebhookEventType>,
  atMs: number,
  cause: string | null = null,
): WebhookEvent {
  const { type, appId } = activity;
  const channel = "channel" in activity ? activity.channel : null;
  const userId = "userId" in activity ? activity.userId : null;
  const key = pairKey(type, appId, channel, userId);
  return {
    type,
    appId,
    channel,
    userId,
    atMs,
    cause,
    json: JSON.stringify({ name: type, ...wireFields(activity) }),
    turn: key === null || !("revision" in activity) ? null : { key, revision: activity.revision },
    awayMs: "awayMs" in activity ? (activity.awayMs ?? null) : null,
  };
}

function wireFields(activity: ActivityOf<WebhookEventType>): object {
  switch (activity.type) {
    case "channel_occupied":
    case "channel_vacated":
    case "cache_miss":
      return { channel: activity.channel };
    case "member_added":
    case "member_removed":
      return { channel: activity.channel, user_id: activity.userId };
    case "subscription_count":
      return { channel: activity.channel, subscription_count: activity.subscriptionCount };
    case "user_online":
    case "user_offline":
      return { user_id: activity.userId };
    case "client_event": {
      const { channel, event, data, socketId, userId } = activity;
      return { channel, event, data, socket_id: socketId, ...(userId !== null && { user_id: userId }) };
    }
    default:
      throw activity satisfies never;
  }
}

/** A digest, because names may be longer than a database key. */
function pairKey(
  type: WebhookEventType,
  appId: string,
  channel: string | null,
  userId: string | null,
): string | null {
  const beginning = beginnings.has(type) ? type : beginningOf[type];
  if (beginning === undefined) return null;
  return createHash("sha256")
    .update(JSON.stringify([beginning, appId, channel, userId]))
    .digest("hex");
}
