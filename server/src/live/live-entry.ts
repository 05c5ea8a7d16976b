/** Entries of the live feed, made from the activities of an app. */
import type { ActivityOf, ActivityType } from "../core/activity.ts";
import type { Membership } from "../core/connection.ts";
import type { NodeName } from "../core/ports/nodes.ts";
import type { Sender } from "../core/sender.ts";
import type { DescribedConnection } from "./describe-connection.ts";

/** The sent data, truncated at a limit; `bytes` is its full length. */
interface Payload {
  readonly text: string;
  readonly bytes: number;
  readonly isClipped: boolean;
}

type UnchangedFacts<Type extends ActivityType> = {
  readonly [Each in Type]: Omit<ActivityOf<Each>, "type" | "appId">;
};

/** The fields of each type of entry, besides its id, time and type. */
interface FactsOf
  extends UnchangedFacts<
    | "channel_occupied"
    | "channel_vacated"
    | "member_added"
    | "member_removed"
    | "subscription_count"
    | "cache_miss"
    | "user_online"
    | "user_offline"
    | "webhook_attempted"
    | "events_missed"
    | "api_request"
    | "api_request_refused"
  > {
  readonly handshake_refused: Omit<ActivityOf<"handshake_refused">, "type" | "appId" | "appKey">;
  readonly connection_opened: Omit<DescribedConnection, "userId" | "memberships" | "openedAt">;
  readonly connection_closed: {
    readonly socketId: string;
    readonly userId: string | null;
    readonly memberships: Membership[];
    readonly code: number;
    readonly reason: string;
    readonly openForMs: number;
  };
  readonly subscribed: SubscriptionFacts;
  readonly unsubscribed: SubscriptionFacts;
  readonly recovered: Omit<SubscriptionFacts, "userId"> & { readonly replayed: number };
  readonly recovery_refused: Omit<SubscriptionFacts, "userId"> & { readonly reason: string };
  readonly signed_in: { readonly socketId: string; readonly userId: string };
  readonly message_refused: {
    readonly socketId: string;
    readonly channel: string | null;
    readonly code: number | null;
    readonly message: string;
  };
  readonly client_event: SubscriptionFacts & PublishFacts;
  readonly event_published: PublishFacts & {
    readonly channels: string[];
    readonly exceptSocketId: string | null;
  };
}

interface PublishFacts {
  readonly event: string;
  /** Null: the data was not kept, see `publishLogData`. Never in the live feed. */
  readonly payload: Payload | null;
  readonly sender: Sender;
  /** Null: unknown, because other nodes sent it, too. */
  readonly recipients: number | null;
}

interface SubscriptionFacts {
  readonly socketId: string;
  readonly channel: string;
  readonly userId: string | null;
}

/** Without `delivered` and `message_received`, which are too frequent. */
export const liveTypes = [
  "connection_opened",
  "connection_closed",
  "handshake_refused",
  "subscribed",
  "unsubscribed",
  "recovered",
  "recovery_refused",
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
  "events_missed",
  "api_request",
  "api_request_refused",
] as const satisfies readonly (keyof FactsOf)[];

export type LiveType = (typeof liveTypes)[number];
export type LiveActivity = ActivityOf<LiveType>;

/** An entry without its id and time. */
export type EntryDetails<Type extends LiveType = LiveType> = {
  readonly [Each in Type]: { readonly type: Each } & FactsOf[Each];
}[Type];

/** An entry without the id, as nodes send it to each other. */
export type LiveNews = {
  /** ISO 8601. */
  readonly at: string;
  /** Null: the node is alone. */
  readonly node: NodeName | null;
} & EntryDetails;

export type LiveEntry = { readonly id: string } & LiveNews;

/** The steps of a connection between its opening and its close. */
export type StepType =
  | "subscribed"
  | "unsubscribed"
  | "recovered"
  | "recovery_refused"
  | "signed_in"
  | "message_refused";
/** The types that an app's statistics count as errors. */
export type ErrorType = "message_refused" | "handshake_refused" | "api_request" | "api_request_refused";

const payloadLengthMax = 4_096;
const wordsLengthMax = 1_000;

/** Converts an activity to an entry. */
export function entryDetails<One extends LiveActivity>(
  activity: One,
  nowMs: number,
): EntryDetails<One["type"]>;
export function entryDetails(activity: LiveActivity, nowMs: number): EntryDetails {
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
        transport: connection.socket.transport ?? "websocket",
      };
    }
    case "connection_closed": {
      const { connection, type, memberships, code, reason } = activity;
      const openForMs = Math.max(0, nowMs - connection.openedAtMs);
      return {
        type,
        socketId: connection.socketId,
        userId: connection.user?.id ?? null,
        memberships,
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
    case "recovered":
    case "recovery_refused": {
      const { appId: _, connection, ...facts } = activity;
      return { ...facts, socketId: connection.socketId };
    }
    case "signed_in":
      return { type: activity.type, socketId: activity.connection.socketId, userId: activity.userId };
    case "message_refused": {
      const { connection, type, channel, code, message } = activity;
      const name = channel === null ? null : shortened(channel);
      return { type, socketId: connection.socketId, channel: name, code, message: shortened(message) };
    }
    case "handshake_refused": {
      const { type, code, reason, sender } = activity;
      return { type, code, reason: shortened(reason), sender };
    }
    case "client_event": {
      const { type, socketId, channel, userId } = activity;
      return { type, socketId, channel, userId, ...publishFacts(activity) };
    }
    case "event_published": {
      const { type, channels, exceptSocketId } = activity;
      return { type, channels: [...channels], exceptSocketId, ...publishFacts(activity) };
    }
    default: {
      const { appId: _, ...facts } = activity;
      return facts;
    }
  }
}

function publishFacts({
  event,
  data,
  sender,
  reached,
}: ActivityOf<"client_event" | "event_published">): PublishFacts {
  return {
    event,
    payload: clipped(data),
    recipients: reached.recipients,
    // It is read on demand, and so only now.
    sender: { address: sender.address, sdk: sender.sdk },
  };
}

export function clipped(text: string): Payload {
  const isClipped = text.length > payloadLengthMax;
  const bytes = Buffer.byteLength(text);
  return { text: isClipped ? text.slice(0, payloadLengthMax) : text, bytes, isClipped };
}

/** Truncates a text from a client, which may have any length. */
function shortened(text: string): string {
  if (text.length <= wordsLengthMax) return text;
  // A slice would keep the whole text in memory.
  return Buffer.from(`${text.slice(0, wordsLengthMax)}…`).toString();
}
