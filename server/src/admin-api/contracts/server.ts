/** The shapes of `/api/v1` for the server as a whole: statistics, tokens, the audit log, nodes and permissions. */
import { z } from "zod";
import { actorKinds } from "../../core/actor.ts";
import { appIdPattern } from "../../core/apps/credentials.ts";
import { headPattern } from "../../core/audit-head.ts";
import {
  appIdText,
  count,
  name,
  nameSchemas,
  nextCursor,
  pageQuery,
  time,
  total,
  unanswered,
} from "./common.ts";

/** The address for clients and backends. It may differ from the dashboard's address. */
const clientAddress = z.object({
  publicUrl: z.string().nullable().describe("Without a path; null: the host of the caller's request"),
  port: z.int().nullable().describe("The port if publicUrl is null; null: the port of the caller's request"),
  pathPrefix: z.string().describe("The prefix of every path, such as /realtime; may be empty"),
});
export const serverAnswer = z.object({ version: z.string(), clients: clientAddress });

export const localhostWebhooksBody = z.strictObject({ isAllowed: z.boolean() });
export const localhostWebhooksAnswer = z.object({
  isAllowed: z.boolean(),
  problem: z.string().nullable().describe("Why they cannot be allowed; null: they can"),
});

// Statistics

const statsInterval = z.enum(["minute", "hour", "day"]);
export const statsQuery = z.object({
  interval: statsInterval.default("minute"),
  intervals: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_000)
    .default(60)
    .describe("The number of intervals if `from` is absent"),
  from: time.optional(),
  to: time.optional().describe("By default now"),
});
const statsPoint = z.object({
  at: time.describe("Start of the interval"),
  connections: count.describe("Open connections at its end"),
  connectionsPeak: count.describe(
    "At least this many were open at one time. With several nodes: the highest maximum of one node, or the sum of all nodes at the end of a minute",
  ),
  messagesIn: count,
  messagesOut: count,
  apiRequests: count,
  errors: count,
});
export const statsAnswer = z.object({
  interval: statsInterval,
  from: time.describe("Start of the first interval"),
  until: time.describe("The end of the counted time. A point that ends later is still running"),
  unanswered,
  points: z
    .array(statsPoint)
    .describe(
      "Zeros for intervals without activity; no point for intervals without data, such as before the app existed or while no server ran",
    ),
});

// Tokens, audit, nodes

const appScope = new RegExp(`^app:${appIdPattern.source.slice(1)}`);

const scope = z.union([z.enum(["admin", "read"]), z.string().regex(appScope)]);
const token = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
});
export const tokensPage = z.object({ tokens: z.array(token), total, nextCursor });
export const createTokenBody = z.strictObject({
  name,
  scopes: z.array(scope).min(1).max(100),
  expiresAt: time.nullable().default(null),
});
/** The value is shown only once. */
export const createTokenAnswer = z.object({ token: token.extend({ value: z.string() }) });

const auditEntry = z.object({
  sequence: count,
  at: time,
  actorKind: z
    .enum(actorKinds)
    .nullable()
    .describe("The kind of `actor`: a token may have any name; null in entries of older releases"),
  actorId: z.string().nullable().describe("The id of the person or token"),
  actor: z.string().describe("A person's e-mail, a token's name, `cli`, `environment`, …"),
  address: z.string().nullable(),
  action: z.string().describe("Such as `secret.rotate`"),
  appId: z.string().nullable(),
  target: z.string().describe("The target of the action, such as `app 1`"),
  before: z.unknown().describe("Secrets redacted"),
  after: z.unknown(),
  hash: z.string().describe("The hash of this entry and the previous hash"),
});
export const auditQuery = pageQuery.extend({
  appId: appIdText.optional(),
  actorKind: z.enum(actorKinds).optional(),
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  search: z
    .string()
    .trim()
    .max(100)
    .optional()
    .describe("A part of the action, the target, the actor or the address, such as `rotate`"),
  from: time.optional(),
  to: time.optional(),
});
export const auditVerifyQuery = z.object({
  expect: z
    .string()
    .regex(headPattern, "must be a stored head: a number, a colon and 64 hex digits")
    .optional()
    .describe("A `head` from an earlier answer or from the server's log"),
});
export const auditPage = z.object({ entries: z.array(auditEntry), nextCursor });
export const auditVerifyAnswer = z.object({
  isIntact: z.boolean(),
  entriesChecked: count,
  head: z
    .string()
    .describe(
      "The newest entry and its hash. Store it elsewhere and send it later as `expect` to detect altered or removed entries",
    ),
  removedUpTo: count.describe("Entries up to this one were removed because of their age; 0: none"),
  expected: z
    .enum(["found", "removed"])
    .nullable()
    .describe(
      "The result for `expect`; removed: that entry was removed because of its age; null: see `broken`",
    ),
  broken: z.object({ sequence: count, why: z.string() }).nullable(),
});

const node = z.object({
  id: z.string().describe("New with each start"),
  name: z.string().describe("For people; two nodes may have the same"),
  hostname: z.string().describe("The name of the machine or container"),
  version: z.string(),
  startedAt: time,
  uptimeMs: count.describe("For a node that stopped or died: until then"),
  state: z
    .enum(["serving", "draining", "silent", "stopped", "died"])
    .describe("silent: no report for 5 seconds; stopped, died: listed for an hour"),
  lastSeenAt: time.describe("The time of its last report, or when its end was detected"),
  connectionCount: count,
  connectionsByTransport: z.object({ websocket: count, xhr_streaming: count, xhr_polling: count }),
  cpuShare: z.number().min(0).describe("The part of one core that it uses; several threads may use more"),
  residentBytes: count,
  heapUsedBytes: count,
  eventLoopLagMs: z.number().min(0),
  engineRoundTripMs: z
    .number()
    .min(0)
    .nullable()
    .describe("The round trip time to Redis. Null: no Redis is configured, or it is unreachable"),
  database: z.object({
    kind: z.string(),
    isReachable: z.boolean(),
    problem: z.string().nullable(),
    latencyMs: z
      .number()
      .min(0)
      .nullable()
      .describe("The median time of its latest queries; null: not measured yet"),
  }),
  drops: z.record(z.string(), count).describe("Items dropped since the start, by kind"),
});
export const nodesAnswer = z.object({
  nodes: z.array(node).describe("As last reported, longest running first; stopped and died nodes are last"),
  isAlone: z.boolean().describe("True without Redis: this is the only node"),
});

export const nodeStartsQuery = z.object({ from: time, to: time });
const nodeStart = z.object({
  nodeId: z.string().describe("New with each start"),
  name: z.string().describe("The node's name"),
  version: z.string(),
  commit: z.string().nullable().describe("Null: the node runs from source"),
  at: time,
  isDeploy: z.boolean().describe("The version or the commit differs from the start before it, of any node"),
});
export const nodeStartsAnswer = z.object({
  starts: z.array(nodeStart).describe("Oldest first. The server stores the latest 1,000 starts"),
});

export const permission = z.enum([
  "app.read",
  "app.operate",
  "app.change",
  "secret.reveal",
  "server.read",
  "server.change",
  "token.manage",
  "audit.read",
  "people.manage",
]);
export const meAnswer = z.object({
  name: z.string(),
  kind: z.enum(["token", "user"]),
  permissions: z.array(permission).describe("The caller's permissions for at least one app"),
  appIds: z.array(z.string()).nullable().describe("The apps that the caller may access; null: all"),
});

nameSchemas({
  ClientAddress: clientAddress,
  StatsPoint: statsPoint,
  StatsAnswer: statsAnswer,
  Token: token,
  AuditEntry: auditEntry,
  Node: node,
  NodeStart: nodeStart,
  Permission: permission,
  Me: meAnswer,
});

export type StatsPoint = z.infer<typeof statsPoint>;
export type Token = z.infer<typeof token>;
export type AuditEntry = z.infer<typeof auditEntry>;
export type ClientAddress = z.infer<typeof clientAddress>;
export type Node = z.infer<typeof node>;
export type Permission = z.infer<typeof permission>;
