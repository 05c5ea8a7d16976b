/** Every shape of `/api/v1`. Times are ISO 8601 text in UTC; durations are milliseconds; lists page by an opaque cursor. */
import { z } from "zod";
import { actorKinds } from "../core/actor.ts";
import { type AppSettings, settingNames, settingRules } from "../core/app-settings.ts";
import {
  channelRulesMax,
  patternPattern,
  patternRule,
  ruleKeyNames,
  ruleKeys,
} from "../core/channel-rules.ts";
import {
  appIdPattern,
  appIdRule,
  appKeyPattern,
  appKeyRule,
  appSecretPattern,
  appSecretRule,
} from "../core/credentials.ts";

export const time = z.iso.datetime();
export const count = z.int().min(0);
export const appIdText = z.string().regex(appIdPattern, `must be ${appIdRule}`);
const name = z.string().trim().min(1).max(100);
const secretText = z.string().regex(appSecretPattern, `must be ${appSecretRule}`);

const cursor = z.string().max(1_000).optional().describe("`nextCursor` of the page before");
const limit = z.coerce.number().int().min(1).max(500).default(100).describe("Entries of one page");
export const nextCursor = z.string().nullable().describe("Null on the last page");
export const total = count.describe("On all pages together");
export const pageQuery = z.object({ limit, cursor });

/** Where clients and backends connect: never where the dashboard is, unless that is the same. */
const clientAddress = z.object({
  publicUrl: z.string().nullable().describe("Without a path; null: the host that the caller asked for"),
  port: z.int().nullable().describe("On that host, where publicUrl is null; null: the one that was asked"),
  pathPrefix: z.string().describe("Empty, or what stands before every path, such as /realtime"),
});
export const serverAnswer = z.object({ version: z.string(), clients: clientAddress });

// Settings

const ruleShape = Object.fromEntries(
  ruleKeyNames.map((key) => {
    const rule = ruleKeys[key];
    const schema = rule.kind === "toggle" ? z.boolean() : z.int().min(rule.min).max(rule.max);
    return [key, schema.optional().describe(rule.help)];
  }),
);
const channelRules = z
  .array(
    z.strictObject({ pattern: z.string().regex(patternPattern, `must be ${patternRule}`), ...ruleShape }),
  )
  .max(channelRulesMax);

const settingShape = Object.fromEntries(settingNames.map((key) => [key, settingSchema(key)]));
const appSettings = z.strictObject(settingShape) as unknown as z.ZodType<AppSettings, AppSettings>;
const settingsPatch = z.strictObject(settingShape).partial() as unknown as z.ZodType<
  Partial<AppSettings>,
  Partial<AppSettings>
>;

function settingSchema(key: keyof AppSettings): z.ZodType {
  const rule = settingRules[key];
  switch (rule.kind) {
    case "toggle":
      return z.boolean().describe(rule.help);
    case "number":
      return z.int().min(rule.min).max(rule.max).describe(rule.help);
    case "list":
      return z.array(z.string().min(1).max(300)).max(rule.lengthMax).describe(rule.help);
    case "rules":
      return channelRules.describe(rule.help);
    default:
      throw rule satisfies never;
  }
}

const ruleKeySchema = z
  .record(
    z.string(),
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("toggle"), help: z.string() }),
      z.object({ kind: z.literal("number"), min: z.int(), max: z.int(), help: z.string() }),
    ]),
  )
  .describe("What a rule may set");

/** What each setting means, its default and its range. */
const settingRule = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("toggle"), default: z.boolean(), help: z.string() }),
  z.object({
    kind: z.literal("number"),
    default: z.int(),
    min: z.int(),
    max: z.int(),
    isEndlessAtZero: z.boolean(),
    help: z.string(),
  }),
  z.object({
    kind: z.literal("rules"),
    default: z.array(z.unknown()),
    help: z.string(),
    keys: ruleKeySchema,
  }),
  z.object({ kind: z.literal("list"), default: z.array(z.string()), lengthMax: z.int(), help: z.string() }),
]);
export const settingRulesAnswer = z.object({ rules: z.record(z.string(), settingRule) });

// Apps and secrets

const secretState = z.enum(["active", "pending", "revoked"]);
/** Null: never, as far as is known. */
const lastUsed = z.object({
  httpApi: time.nullable(),
  channelAuthorization: time.nullable(),
  signIn: time.nullable(),
});
const secret = z.object({
  id: z.string(),
  state: secretState,
  createdAt: time,
  createdBy: z.string(),
  activatedAt: time.nullable(),
  revokedAt: time.nullable(),
  ageMs: count.describe("Since it became active, or since it was made where it never was"),
  lastUsed,
  lastUsedAt: time.nullable().describe("The latest of `lastUsed`"),
});
const secretWithValue = secret.extend({ value: z.string() });
const app = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  isEnabled: z.boolean(),
  settings: appSettings,
  createdAt: time,
  revision: count.describe("Grows with each change"),
  secret: z.object({
    id: z.string(),
    ageMs: count,
    isOld: z.boolean().describe("Older than the age after which a rotation is advised"),
    isRotating: z.boolean().describe("A pending secret is waiting to be activated"),
  }),
  connectionCount: count,
  messagesLastMinute: count.describe("In and out, in the last whole minute"),
});
export const appsQuery = pageQuery.extend({
  search: z.string().max(100).optional().describe("Part of the name, the id or the key"),
});
export const appsPage = z.object({ apps: z.array(app), total, nextCursor });
export const appAnswer = z.object({ app });
export const createAppBody = z.strictObject({
  name: name.optional(),
  id: appIdText.optional(),
  key: z.string().regex(appKeyPattern, `must be ${appKeyRule}`).optional(),
  secret: secretText.optional(),
  settings: settingsPatch.optional(),
});
export const createAppAnswer = z.object({
  app,
  secret: secretWithValue,
  warnings: z
    .array(z.string())
    .describe("What the caller should know of what was given, as of a short secret"),
});
export const changeAppBody = z.strictObject({
  name: name.optional(),
  isEnabled: z.boolean().optional(),
  settings: settingsPatch.optional(),
});

export const secretsAnswer = z.object({
  secrets: z.array(secret),
  /** Whether the pending secret may be activated now; null where there is none. */
  activation: z
    .object({ isSafe: z.boolean(), oldSecretLastUsedAt: time.nullable(), safeAt: time.nullable() })
    .nullable(),
});
export const secretAnswer = z.object({ secret });
export const secretWithValueAnswer = z.object({ secret: secretWithValue });
export const rotateBody = z.strictObject({
  force: z.boolean().default(false).describe("Drop a secret that is pending already"),
  activate: z.boolean().default(false).describe("Revoke the old secret at once: for emergencies"),
  closeConnections: z
    .boolean()
    .default(false)
    .describe("With `activate`: close the connections that the old secret authorized"),
});
export const activateBody = z.strictObject({
  force: z.boolean().default(false).describe("Even where the old secret was used a moment ago"),
});
export const revealAnswer = z.object({ value: z.string() });

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
    .describe("How many, where `from` is not given"),
  from: time.optional(),
  to: time.optional().describe("By default now"),
});
const statsPoint = z.object({
  at: time.describe("Where the interval begins"),
  connections: count.describe("At its end"),
  connectionsPeak: count,
  messagesIn: count,
  messagesOut: count,
  apiRequests: count,
  errors: count,
});
export const statsAnswer = z.object({
  interval: statsInterval,
  from: time.describe("Where the first interval begins"),
  until: time.describe("Up to where it is counted: a last point that goes on after it is still running"),
  points: z
    .array(statsPoint)
    .describe(
      "Zeros where nothing happened, no point where nobody counted: before the app, or with no server up",
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
/** The value is shown this once. */
export const createTokenAnswer = z.object({ token: token.extend({ value: z.string() }) });

const auditEntry = z.object({
  sequence: count,
  at: time,
  actorKind: z
    .enum(actorKinds)
    .nullable()
    .describe("What `actor` names: a token may be called as anybody; null in entries of older releases"),
  actorId: z.string().nullable().describe("Of the person or the token"),
  actor: z.string().describe("A person's e-mail, a token's name, `cli`, `environment`, …"),
  address: z.string().nullable(),
  action: z.string().describe("Such as `secret.rotate`"),
  appId: z.string().nullable(),
  target: z.string().describe("What it was done to, such as `app 1`"),
  before: z.unknown().describe("Secrets redacted"),
  after: z.unknown(),
  hash: z.string().describe("Of this entry and the hash before it"),
});
export const auditQuery = pageQuery.extend({
  appId: appIdText.optional(),
  actorKind: z.enum(actorKinds).optional(),
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  from: time.optional(),
  to: time.optional(),
});
export const auditVerifyQuery = z.object({
  expect: z.string().max(100).optional().describe("A `head` of an earlier answer, or of the log"),
});
export const auditPage = z.object({ entries: z.array(auditEntry), nextCursor });
export const auditVerifyAnswer = z.object({
  isIntact: z.boolean(),
  entriesChecked: count,
  head: z
    .string()
    .describe(
      "The newest entry and its hash. Kept elsewhere and sent as `expect`, it shows that nothing before it was altered or cut off",
    ),
  removedUpTo: count.describe("Entries up to this one were removed for their age; 0: none"),
  expected: z
    .enum(["found", "removed"])
    .nullable()
    .describe("Of `expect`; removed: that entry is too old to compare with; null where `broken` tells"),
  broken: z.object({ sequence: count, why: z.string() }).nullable(),
});

const node = z.object({
  id: z.string(),
  hostname: z.string().describe("Of the machine or container"),
  version: z.string(),
  startedAt: time,
  uptimeMs: count,
  isDraining: z.boolean(),
  connectionCount: count,
  residentBytes: count,
  heapUsedBytes: count,
  eventLoopLagMs: z.number().min(0),
  database: z.object({ kind: z.string(), isReachable: z.boolean(), problem: z.string().nullable() }),
  drops: z.record(z.string(), count).describe("What was given up to keep going, by kind, since the start"),
});
export const nodesAnswer = z.object({ nodes: z.array(node) });

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
  permissions: z.array(permission).describe("Those it has for at least one app"),
  appIds: z.array(z.string()).nullable().describe("The apps it is held to; null: all"),
});

/** RFC 9457; `code` is stable, `detail` is for people. `lastUsedAt` comes with `secret_in_use`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  lastUsedAt: time.optional(),
  retryAfterS: count.optional(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export type AppSettingRule = z.infer<typeof settingRule>;
export type App = z.infer<typeof app>;
export type Secret = z.infer<typeof secret>;
export type SecretWithValue = z.infer<typeof secretWithValue>;
export type SecretsAnswer = z.infer<typeof secretsAnswer>;
export type StatsAnswer = z.infer<typeof statsAnswer>;
export type StatsPoint = z.infer<typeof statsPoint>;
export type Token = z.infer<typeof token>;
export type AuditEntry = z.infer<typeof auditEntry>;
export type ClientAddress = z.infer<typeof clientAddress>;
export type Node = z.infer<typeof node>;
export type Permission = z.infer<typeof permission>;
export type Me = z.infer<typeof meAnswer>;
export type Problem = z.infer<typeof problem>;
