/** The shapes of traced events and of a user's connections. */
import { z } from "zod";
import { closedConnection } from "./channels.ts";
import {
  nameSchemas,
  nextCursor,
  nodeOf,
  pageQuery,
  rememberedSince,
  time,
  total,
  unanswered,
} from "./common.ts";
import { recipients, sender } from "./live.ts";

export const publishedQuery = pageQuery.extend({
  channel: z.string().min(1).max(1_000).optional(),
  event: z.string().min(1).max(1_000).optional(),
  userId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Only events of channels to which the user's connections were subscribed, or of `channel`"),
});
const outcome = z
  .enum(["sent", "missed", "excluded", "not_in_channel", "not_connected", "unknown"])
  .describe(
    "missed: Redis was unreachable, and the user's connections were on other nodes. unknown: no records of that time are left",
  );
const published = z.object({
  id: z.string(),
  at: time,
  node: nodeOf,
  channels: z.array(z.string()),
  event: z.string(),
  data: z.string().nullable().describe("Null unless the server keeps data (publishLogData)"),
  sender,
  socketId: z.string().nullable().describe("The connection that sent a client event"),
  userId: z.string().nullable().describe("The member that sent a client event"),
  exceptSocketId: z.string().nullable().describe("The excluded connection"),
  recipients,
  isLocal: z
    .boolean()
    .describe("True: Redis was unreachable, so only the subscribers of one node received it"),
  forUser: z
    .object({ outcome, sentTo: z.array(z.string()).describe("Socket ids") })
    .nullable()
    .describe("Null without `userId`"),
});
export const publishedPage = z.object({
  published: z.array(published),
  total,
  nextCursor,
  rememberedSince,
  isOn: z.boolean().describe("False: publishLogMax is 0, so nothing is stored"),
  unanswered,
});

const stay = z.object({
  channel: z.string(),
  from: time.nullable().describe("Null: it began before the first stored step of the connection"),
  until: time.nullable().describe("Null: still subscribed"),
});
const userConnection = closedConnection.extend({
  closedAt: time.nullable().describe("Null: it is open"),
  code: z.int().nullable(),
  reason: z.string().nullable(),
  stays: z.array(stay).describe("The subscriptions, at most the latest 500"),
  isWhole: z.boolean().describe("True if `stays` is complete"),
});
export const userAnswer = z.object({
  connections: z.array(userConnection).describe("Newest first, at most 100 of each node"),
  rememberedSince,
  unanswered,
});

export const usersQuery = z.object({ search: z.string().min(1).max(200) });
export const usersAnswer = z.object({
  users: z
    .array(z.object({ appId: z.string(), appName: z.string(), userId: z.string() }))
    .describe("At most 20, of open and recently closed connections"),
  unanswered,
});

nameSchemas({ Outcome: outcome, Published: published, UserConnection: userConnection });
