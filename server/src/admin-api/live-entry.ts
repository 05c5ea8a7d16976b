/** Turns what happened into entries of the live feed. */
import type { ActivityOf } from "../core/activity.ts";
import type { LiveEntry, LiveType } from "./live-contract.ts";

/** What is told of each; `delivered` and `message_received` would drown the rest. */
export const liveTypes = [
  "connection_opened",
  "connection_closed",
  "handshake_refused",
  "subscribed",
  "unsubscribed",
  "signed_in",
  "channel_occupied",
  "channel_vacated",
  "member_added",
  "member_removed",
  "subscription_count",
  "cache_miss",
  "user_online",
  "user_offline",
  "client_event",
  "event_published",
  "message_refused",
  "webhook_attempted",
  "api_request",
  "api_request_refused",
] as const satisfies readonly LiveType[];

export type LiveActivity = ActivityOf<(typeof liveTypes)[number]>;

/** An entry without the id and the time, which whoever keeps it gives. */
export type Told<Type extends LiveType> = Bare<Extract<LiveEntry, { readonly type: Type }>>;
type Bare<Entry> = Entry extends LiveEntry ? Omit<Entry, "id" | "at"> : never;

const payloadLengthMax = 4_096;
const wordsLengthMax = 1_000;

/** An activity in the words of the contract. */
export function told<One extends LiveActivity>(activity: One, nowMs: number): Told<One["type"]>;
export function told(activity: LiveActivity, nowMs: number): Told<LiveType> {
  switch (activity.type) {
    case "connection_opened": {
      const { connection, type } = activity;
      const { address, origin, handshake } = connection.peer;
      const { client, version } = handshake;
      return {
        type,
        socketId: connection.socketId,
        address,
        origin,
        client: client || null,
        version: version || null,
      };
    }
    case "connection_closed": {
      const { connection, type, code, reason } = activity;
      const openForMs = Math.max(0, nowMs - connection.openedAtMs);
      return {
        type,
        socketId: connection.socketId,
        userId: connection.user?.id ?? null,
        code,
        reason,
        openForMs,
      };
    }
    case "subscribed":
    case "unsubscribed": {
      const { connection, type, channel } = activity;
      const userId = connection.subscriptions.get(channel)?.userId ?? connection.user?.id ?? null;
      return { type, socketId: connection.socketId, channel, userId };
    }
    case "signed_in":
      return { type: activity.type, socketId: activity.connection.socketId, userId: activity.userId };
    case "message_refused": {
      const { connection, type, channel, code, message } = activity;
      const name = channel === null ? null : shortened(channel);
      return { type, socketId: connection.socketId, channel: name, code, message: shortened(message) };
    }
    case "handshake_refused":
      return { type: activity.type, code: activity.code, reason: shortened(activity.reason) };
    case "client_event": {
      const { type, socketId, channel, userId, event, data } = activity;
      return { type, socketId, channel, userId, event, payload: clipped(data) };
    }
    case "event_published": {
      const { type, channels, event, data, exceptSocketId } = activity;
      return { type, channels: [...channels], event, payload: clipped(data), exceptSocketId };
    }
    default: {
      const { appId: _, ...facts } = activity;
      return facts;
    }
  }
}

function clipped(text: string) {
  const isClipped = text.length > payloadLengthMax;
  const bytes = Buffer.byteLength(text);
  return { text: isClipped ? text.slice(0, payloadLengthMax) : text, bytes, isClipped };
}

/** A client may have written any length of it. */
function shortened(text: string): string {
  if (text.length <= wordsLengthMax) return text;
  // A slice alone would keep the whole text in memory.
  return Buffer.from(`${text.slice(0, wordsLengthMax)}…`).toString();
}
