/** The shapes of `/api/v1` for channels, connections, and the actions of a backend. */
import { z } from "zod";
import { backendChannelPattern } from "../../protocol/channel-name.ts";
import { backendEventPattern } from "../../protocol/event-name.ts";
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

const channelName = z.string().min(1).max(1_000);
const socketIdText = z.string().regex(/^\d{1,20}\.\d{1,20}$/, "must be two numbers with a dot between");

// Channels and connections

const channelSummary = z.object({
  name: z.string(),
  type: z.enum(["public", "private", "encrypted", "presence"]),
  isCache: z.boolean(),
  subscriptionCount: count,
  userCount: count.nullable().describe("Null if the channel is not a presence channel"),
});
export const channelsQuery = pageQuery.extend({ prefix: z.string().max(1_000).default("") });
export const channelsPage = z.object({ channels: z.array(channelSummary), total, nextCursor });
const member = z.object({ id: z.string(), info: z.unknown() });
const channel = channelSummary.extend({
  isOccupied: z.boolean(),
  members: z.array(member).nullable().describe("At most 1,000; null if it is not a presence channel"),
  subscribers: z
    .array(z.object({ socketId: z.string(), userId: z.string().nullable(), node: nodeOf }))
    .describe("Connections, at most 1,000"),
  cachedEvent: z.object({ name: z.string(), data: z.string(), expiresAt: time }).nullable(),
});
export const channelAnswer = z.object({ channel, unanswered });

export const historyQuery = z.object({
  direction: z.enum(["forwards", "backwards"]).default("backwards").describe("backwards: newest first"),
  from: z.coerce.number().int().min(0).optional().describe("The first offset"),
  since: time.optional().describe("Only events from this time on"),
  until: time.optional().describe("Only events up to this time"),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
const historyEvent = z.object({
  offset: count,
  name: z.string(),
  data: z.string(),
  at: time,
  userId: z.string().nullable(),
  exceptSocketId: z.string().nullable().describe("The excluded connection"),
});
export const historyPage = z.object({
  epoch: z.string().nullable().describe("Null if the channel has no history, or nothing was published"),
  events: z.array(historyEvent),
  next: count.nullable().describe("The `from` of the next page"),
});
export const channelSettingsQuery = z.object({ channel: channelName });
export const channelSettingsAnswer = z.object({
  rule: z.int().nullable().describe("The index of the matching rule, from 0; null: no rule matches"),
  settings: z.record(z.string(), z.union([z.number(), z.boolean()])),
});

export const connection = z.object({
  socketId: z.string(),
  address: z.string(),
  origin: z.string().nullable(),
  client: z.string().nullable().describe("The name of the SDK, such as `js`"),
  version: z.string().nullable(),
  transport: transport,
  protocol: z.int(),
  userId: z.string().nullable().describe("The signed-in user"),
  memberships,
  openedAt: time,
  channelCount: count,
  channels: z.array(z.string()).describe("At most 100 in a list, and 2,000 for one connection"),
  queuedBytes: count,
  node: nodeOf,
});
const connectionSearch = z
  .string()
  .max(200)
  .default("")
  .describe("A prefix of the socket id, the address, or the id of the user or member");
export const connectionsQuery = pageQuery.extend({
  channel: channelName.optional(),
  userId: z.string().max(200).optional(),
  search: connectionSearch,
});
export const closedConnectionsQuery = pageQuery.extend({ search: connectionSearch });
export const connectionsPage = z.object({ connections: z.array(connection), total, nextCursor, unanswered });
export const connectionAnswer = z.object({ connection });
export const closedConnection = connection
  .omit({ queuedBytes: true, protocol: true, channelCount: true, channels: true })
  .extend({ closedAt: time, code: z.int(), reason: z.string() });
export const closedConnectionsPage = z.object({
  connections: z.array(closedConnection),
  total,
  nextCursor,
  rememberedSince,
  unanswered,
});

// Actions of a backend

export const publishBody = z.strictObject({
  name: z.string().min(1).meta({ pattern: backendEventPattern }),
  data: z.string().describe("Sent unchanged; usually JSON"),
  channels: z.array(channelName.meta({ pattern: backendChannelPattern })).min(1),
  socketId: socketIdText.optional().describe("The excluded connection"),
});
export const publishAnswer = z.object({
  recipients: count
    .nullable()
    .describe(
      "The number of connections that it was sent to; in a cluster: the subscriptions of its channels immediately after. Null: unknown",
    ),
  isLocal: z
    .boolean()
    .describe("True: Redis was unreachable, so only the subscribers of one node received it"),
});
/** The answer of a backend's authorization endpoint, with the SDKs' field names. */
export const authorizeChannelBody = z.strictObject({
  socketId: socketIdText,
  channel: channelName,
  channelData: z.string().max(65_536).optional(),
});
export const authorizeChannelAnswer = z.object({ auth: z.string(), channel_data: z.string().optional() });
export const authenticateUserBody = z.strictObject({
  socketId: socketIdText,
  userData: z.string().max(65_536),
});
export const authenticateUserAnswer = z.object({ auth: z.string(), user_data: z.string() });

nameSchemas({
  ChannelSummary: channelSummary,
  Channel: channel,
  HistoryEvent: historyEvent,
  Connection: connection,
  ClosedConnection: closedConnection,
  PublishAnswer: publishAnswer,
});

export type ChannelSummary = z.infer<typeof channelSummary>;
export type Channel = z.infer<typeof channelAnswer>["channel"];
