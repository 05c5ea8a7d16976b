/** The shapes of `/api/v1` for apps, their settings and their secrets. */
import { z } from "zod";
import { type AppSettings, settingNames, settingRules } from "../../core/apps/app-settings.ts";
import {
  channelRulesMax,
  patternPattern,
  patternRule,
  type RuleKey,
  ruleKeyNames,
  ruleKeys,
} from "../../core/apps/channel-rules.ts";
import { appKeyPattern, appKeyRule, appSecretPattern, appSecretRule } from "../../core/apps/credentials.ts";
import {
  appIdText,
  count,
  name,
  nameSchemas,
  nextCursor,
  nodeOf,
  pageQuery,
  time,
  total,
  unanswered,
} from "./common.ts";

const secretText = z.string().regex(appSecretPattern, `must be ${appSecretRule}`);

// Settings

export const settingsRefused = "A setting is above the server's ceiling";

function valueSchema(rule: (typeof ruleKeys)[RuleKey]): z.ZodType {
  if (rule.kind === "toggle") return z.boolean("must be true or false");
  const { min, max } = rule;
  const range = `must be a whole number from ${min} to ${max}`;
  return z.int(range).min(min, range).max(max, range);
}

const ruleShape = Object.fromEntries(
  ruleKeyNames.map((key) => {
    const rule = ruleKeys[key];
    return [key, valueSchema(rule).optional().describe(rule.help)];
  }),
);
const pattern = z.string(`must be ${patternRule}`).regex(patternPattern, `must be ${patternRule}`);
const channelRule = z.strictObject(
  { pattern, ...ruleShape },
  {
    error: ({ code, keys }) =>
      code === "unrecognized_keys"
        ? `must not have ${(keys as string[]).join(", ")}: beside pattern, a rule may set ${ruleKeyNames.join(", ")}`
        : "must be a rule, such as { pattern, historyEventsMax }",
  },
);
const channelRules = z
  .array(channelRule, "must be a list of rules, such as [{ pattern, historyEventsMax }]")
  .max(channelRulesMax, `must be at most ${channelRulesMax} rules`);

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
      z.object({ kind: z.literal("toggle"), default: z.boolean().optional(), help: z.string() }),
      z.object({
        kind: z.literal("number"),
        default: z.int().optional(),
        min: z.int(),
        max: z.int(),
        help: z.string(),
      }),
    ]),
  )
  .describe("The settings that a rule can override. Those without a default are settings of the app, too");

/** The meaning, default and range of each setting. */
const settingRule = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("toggle"), default: z.boolean(), help: z.string() }),
  z.object({
    kind: z.literal("number"),
    default: z.int(),
    min: z.int(),
    max: z.int(),
    zeroMeansUnlimited: z.boolean(),
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
/** Null: no known use. */
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
  ageMs: count.describe("Time since it became active, or since it was created if it never was active"),
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
  revision: count.describe("Increases with each change"),
  secret: z.object({
    id: z.string(),
    ageMs: count,
    isOld: z.boolean().describe("True if the secret is so old that a rotation is recommended"),
    isRotating: z.boolean().describe("True if a pending secret waits for activation"),
  }),
  connectionCount: count,
  messagesLastMinute: count.describe("Messages in and out in the last complete minute"),
});
export const appsQuery = pageQuery.extend({
  search: z.string().max(100).optional().describe("Part of the name, id or key"),
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
  warnings: z.array(z.string()).describe("Warnings about the given values, such as a short secret"),
});
export const changeAppBody = z.strictObject({
  name: name.optional(),
  isEnabled: z.boolean().optional(),
  settings: settingsPatch.optional(),
});

const secretUser = z.object({
  secretId: z.string(),
  address: z.string(),
  sdk: z.string().nullable(),
  requestsLastMinute: count,
  requests: count.describe("Since the rotation began; a restarted node begins at 0"),
  lastAt: time,
  node: nodeOf,
});
export const secretsAnswer = z.object({
  secrets: z.array(secret),
  users: z
    .array(secretUser)
    .describe("During a rotation: the senders of HTTP requests by secret, most recent first; at most 100"),
  unanswered,
  /** Whether the pending secret may be activated now; null if there is none. */
  activation: z
    .object({ isSafe: z.boolean(), oldSecretLastUsedAt: time.nullable(), safeAt: time.nullable() })
    .nullable(),
});
export const secretAnswer = z.object({ secret });
export const secretWithValueAnswer = z.object({ secret: secretWithValue });
export const rotateBody = z.strictObject({
  force: z.boolean().default(false).describe("Replace an existing pending secret"),
  activate: z.boolean().default(false).describe("Revoke the old secret immediately, for emergencies"),
  closeConnections: z
    .boolean()
    .default(false)
    .describe("With `activate`: close the connections that the old secret authorized"),
});
export const activateBody = z.strictObject({
  force: z.boolean().default(false).describe("Activate even if the old secret was used recently"),
});
export const revealAnswer = z.object({ value: z.string() });

nameSchemas({
  AppSettingRule: settingRule,
  Secret: secret,
  SecretWithValue: secretWithValue,
  App: app,
  SecretUser: secretUser,
  SecretsAnswer: secretsAnswer,
  AppSettings: appSettings,
  AppSettingsPatch: settingsPatch,
  ChannelRule: channelRule,
});

export type AppSettingRule = z.infer<typeof settingRule>;
export type App = z.infer<typeof app>;
export type SecretUser = z.infer<typeof secretUser>;
export type Secret = z.infer<typeof secret>;
export type SecretWithValue = z.infer<typeof secretWithValue>;
export type SecretsAnswer = z.infer<typeof secretsAnswer>;
