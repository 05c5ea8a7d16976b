/** The types of the live feed, which `GET /apps/{appId}/live` sends as server-sent events. */
import { z } from "zod";
import {
  count,
  memberships,
  nameSchemas,
  nextCursor,
  nodeOf,
  pageQuery,
  rememberedSince,
  time,
  total,
  transport,
  unanswered,
} from "./common.ts";

const list = z
  .string()
  .max(2_000)
  .transform((text) => text.split(",").filter((part) => part !== ""))
  .optional();
const channel = z.string();
const socketId = z.string();
const userId = z.string();
/** The sent text, cut at a limit; `bytes` is its full length. */
const payload = z
  .object({ text: z.string(), bytes: z.int(), isClipped: z.boolean() })
  .nullable()
  .describe("Null in past entries unless the server keeps data (publishLogData)");

export const sender = z.object({
  address: z.string().describe("Empty if it is not known"),
  sdk: z.string().nullable().describe("The name and version that the SDK sent"),
});
export const recipients = count
  .nullable()
  .describe("The connections that it was sent to. Null: unknown, because other nodes sent it, too");
const publish = { event: z.string(), payload, sender, recipients };

/** Named after its type, so that the document describes it once: `connection_opened` is `ConnectionOpened`. */
function entry<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  const schema = z.object({
    id: z.string(),
    at: z.iso.datetime(),
    type: z.literal(type),
    node: nodeOf.optional(),
    ...shape,
  });
  nameSchemas({ [type.replace(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase())]: schema });
  return schema;
}

export const connectionOpened = entry("connection_opened", {
  socketId,
  address: z.string(),
  origin: z.string().nullable(),
  client: z.string().nullable(),
  version: z.string().nullable(),
  transport,
});
export const connectionClosed = entry("connection_closed", {
  socketId,
  userId: userId.nullable(),
  memberships,
  code: z.int(),
  reason: z.string(),
  openForMs: z.int(),
});
const messageRefused = entry("message_refused", {
  socketId,
  channel: channel.nullable(),
  code: z.int().nullable(),
  message: z.string(),
});
const handshakeRefused = entry("handshake_refused", { code: z.int(), reason: z.string(), sender });
const apiRequest = entry("api_request", {
  method: z.string(),
  route: z.string(),
  status: z.int(),
  durationMs: z.number(),
  failure: z.object({ reason: z.string(), sender }).nullable().describe("Null if the request succeeded"),
});
const apiRequestRefused = entry("api_request_refused", {
  method: z.string(),
  route: z.string(),
  status: z.int(),
  reason: z.string(),
  sender,
  requests: z
    .int()
    .describe(
      "The number of requests with this cause since the previous entry; the other fields describe the latest request",
    ),
});
/** The entries between a connection's opening and its close. */
export const connectionStep = z.discriminatedUnion("type", [
  entry("subscribed", { socketId, channel, userId: userId.nullable() }),
  entry("unsubscribed", { socketId, channel, userId: userId.nullable() }),
  entry("recovered", { socketId, channel, replayed: z.int() }),
  entry("recovery_refused", { socketId, channel, reason: z.string() }),
  entry("signed_in", { socketId, userId }),
  messageRefused,
]);
/** The entries that an app's statistics count as errors. */
export const errorEntry = z.discriminatedUnion("type", [
  messageRefused,
  handshakeRefused,
  apiRequest,
  apiRequestRefused,
]);

/** The data of an `activity` event. */
export const liveEntry = z.discriminatedUnion("type", [
  connectionOpened,
  connectionClosed,
  ...connectionStep.options,
  handshakeRefused,
  apiRequest,
  apiRequestRefused,
  entry("channel_occupied", { channel }),
  entry("channel_vacated", { channel }),
  entry("member_added", { channel, userId }),
  entry("member_removed", { channel, userId }),
  entry("subscription_count", { channel, subscriptionCount: z.int() }),
  entry("cache_miss", { channel }),
  entry("user_online", { userId }),
  entry("user_offline", { userId }),
  entry("client_event", { socketId, channel, userId: userId.nullable(), ...publish }),
  entry("event_published", {
    channels: z.array(z.string()),
    ...publish,
    exceptSocketId: socketId.nullable(),
  }),
  entry("events_missed", { channelCount: z.int(), missedForMs: z.number() }),
  entry("webhook_attempted", {
    webhookId: z.string(),
    events: z.int(),
    status: z.int().nullable(),
    state: z.enum(["delivered", "pending", "dead"]),
    durationMs: z.number(),
  }),
]);

/** Each filter is a comma-separated list; an entry must match every given filter. */
const filters = {
  type: list.describe("Types of entries"),
  channel: list.describe("Channels; a trailing * matches any suffix"),
  userId: list,
  socketId: list,
};
export const liveQuery = z.object({
  ...filters,
  after: z
    .string()
    .max(100)
    .optional()
    .describe(
      "The id of the last received event, like `Last-Event-ID`; `kept`: first send all stored entries",
    ),
});

/** The data of a `gap` event: the number of entries that this watcher did not get, and the reason. */
export const liveGap = z.object({
  dropped: z.int().nullable().describe("Null if the number is unknown"),
  reason: z.enum(["slow", "resumedTooLate", "otherNode"]).describe("otherNode: entries of another node"),
});

/** The data of a `position` event: the time of the server. All later entries are on this stream. */
const livePosition = z.object({ at: time });

/** The data of an `end` event, the last one. Reconnect only after `serverStopping`. */
const liveEnd = z.object({ reason: z.enum(["unauthorized", "appDeleted", "serverStopping"]) });

nameSchemas({
  LiveEntry: liveEntry,
  ErrorEntry: errorEntry,
  ConnectionStep: connectionStep,
  LivePosition: livePosition,
  LiveGap: liveGap,
  LiveEnd: liveEnd,
  Sender: sender,
});

/** The schemas of the data of a live feed's events, by their names. */
export const liveEvents = { activity: liveEntry, gap: liveGap, position: livePosition, end: liveEnd };

export const activityQuery = pageQuery.extend({ ...filters, from: time, to: time.optional() });
export const activityPage = z.object({
  entries: z
    .array(liveEntry)
    .describe("Connections, subscriptions, events and errors. The live feed has more types"),
  total,
  nextCursor,
  rememberedSince,
  hasPublishes: z.boolean().describe("False: publishLogMax is 0, so no events are stored"),
  unanswered,
});

export type LiveEntry = z.infer<typeof liveEntry>;
export type LiveQuery = z.infer<typeof liveQuery>;
