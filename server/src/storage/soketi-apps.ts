/** Apps and webhooks of soketi as apps and webhooks of Soketify: each field is taken over, or named as not taken over. */
import { z } from "zod";
import type { AppRecord } from "../core/app.ts";
import { type AppSettings, settingRules } from "../core/app-settings.ts";
import {
  appIdPattern,
  appIdRule,
  appKeyPattern,
  appKeyRule,
  appSecretPattern,
  appSecretRule,
} from "../core/credentials.ts";
import { newApp } from "../core/new-app.ts";
import type { Webhook } from "../core/webhook.ts";
import { type SoketiConfig, SoketiUnusable } from "./soketi-config.ts";
import { readSoketiWebhooks } from "./soketi-webhooks.ts";

export interface SoketiApps {
  readonly apps: readonly AppRecord[];
  readonly webhooks: readonly Webhook[];
  /** What an import does not take over, a sentence each. */
  readonly notes: readonly string[];
}

type NumberSetting = {
  [Name in keyof AppSettings]: AppSettings[Name] extends number ? Name : never;
}[keyof AppSettings];

interface Limit {
  readonly setting: NumberSetting;
  /** Where soketi's config has the default for all apps, and what it is without one. */
  readonly path: string | null;
  readonly byDefault: number;
  /** soketi counts some in kilobytes. */
  readonly factor: number;
}

/** By the name in the config; a column's is the same in snake_case, but for those of `columns`. */
const limits: Readonly<Record<string, Limit>> = {
  maxConnections: { setting: "connectionsMax", path: null, byDefault: -1, factor: 1 },
  maxClientEventsPerSecond: { setting: "clientEventsPerSecondMax", path: null, byDefault: -1, factor: 1 },
  maxPresenceMembersPerChannel: {
    setting: "presenceMembersMax",
    path: "presence.maxMembersPerChannel",
    byDefault: 100,
    factor: 1,
  },
  maxPresenceMemberSizeInKb: {
    setting: "presenceMemberBytesMax",
    path: "presence.maxMemberSizeInKb",
    byDefault: 2,
    factor: 1_024,
  },
  maxChannelNameLength: {
    setting: "channelNameLengthMax",
    path: "channelLimits.maxNameLength",
    byDefault: 200,
    factor: 1,
  },
  maxEventChannelsAtOnce: {
    setting: "channelsPerEventMax",
    path: "eventLimits.maxChannelsAtOnce",
    byDefault: 100,
    factor: 1,
  },
  maxEventNameLength: {
    setting: "eventNameLengthMax",
    path: "eventLimits.maxNameLength",
    byDefault: 200,
    factor: 1,
  },
  maxEventPayloadInKb: {
    setting: "eventPayloadBytesMax",
    path: "eventLimits.maxPayloadInKb",
    byDefault: 100,
    factor: 1_024,
  },
  maxEventBatchSize: {
    setting: "eventsPerBatchMax",
    path: "eventLimits.maxBatchSize",
    byDefault: 10,
    factor: 1,
  },
};

/** Columns whose names are not the snake_case of the config's. */
const columns: Readonly<Record<string, string>> = {
  max_backend_events_per_sec: "maxBackendEventsPerSecond",
  max_client_events_per_sec: "maxClientEventsPerSecond",
  max_read_req_per_sec: "maxReadRequestsPerSecond",
};

const otherFields = [
  "id",
  "key",
  "secret",
  "enabled",
  "enableClientMessages",
  "enableUserAuthentication",
  "webhooks",
];
const rates = ["maxBackendEventsPerSecond", "maxReadRequestsPerSecond"];

/**
 * @param given apps of the config, or rows of the table
 * @throws SoketiUnusable where an app has no credentials that can be kept
 */
export function readSoketiApps(given: readonly unknown[], config: SoketiConfig, nowMs: number): SoketiApps {
  const notes: string[] = [];
  const webhooks: Webhook[] = [];
  const apps = given.map((one, index) => {
    const parsed = z.record(z.string(), z.unknown()).safeParse(one);
    if (!parsed.success) throw new SoketiUnusable(`App ${index + 1} is no object`);
    const fields = inConfigNames(parsed.data);
    const app = toApp(fields, config, nowMs, notes);
    webhooks.push(...readSoketiWebhooks(fields.get("webhooks"), app.id, { config, nowMs, notes }));
    return app;
  });
  return { apps, webhooks, notes };
}

/** Null and undefined stand for the default. */
function inConfigNames(row: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const entries = Object.entries(row).filter(([, value]) => value !== null && value !== undefined);
  return new Map(
    entries.map(([name, value]) => [
      columns[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

function toApp(
  fields: Map<string, unknown>,
  config: SoketiConfig,
  nowMs: number,
  notes: string[],
): AppRecord {
  const id = credential(fields, "id", appIdPattern, appIdRule);
  const key = credential(fields, "key", appKeyPattern, appKeyRule);
  const secret = credential(fields, "secret", appSecretPattern, appSecretRule);
  const note = (text: string) => notes.push(`App ${id}: ${text}`);
  const numbers = Object.entries(limits).map(([name, limit]) => [
    limit.setting,
    limitOf(
      fields.get(name) ?? (limit.path === null ? undefined : config.values.get(limit.path)),
      name,
      limit,
      note,
    ),
  ]);
  for (const name of rates)
    if (Number(fields.get(name) ?? -1) >= 0)
      note(`${name} has no counterpart: apiRequestsPerSecondMax limits all HTTP requests of an app together`);
  for (const name of fields.keys())
    if (!(name in limits) && !rates.includes(name) && !otherFields.includes(name))
      note(`${name} has no counterpart`);
  const settings = {
    ...Object.fromEntries(numbers),
    clientEventsEnabled: isOn(fields.get("enableClientMessages"), false),
    authorizedConnectionsOnly: isOn(fields.get("enableUserAuthentication"), false),
  };
  return {
    ...newApp({ id, key, secret, settings }, "import", nowMs),
    isEnabled: isOn(fields.get("enabled"), true),
  };
}

function credential(fields: Map<string, unknown>, name: string, pattern: RegExp, rule: string): string {
  const value = fields.get(name);
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && pattern.test(text)) return text;
  const whose = name === "id" ? "An app" : `App ${String(fields.get("id"))}`;
  throw new SoketiUnusable(
    `${whose} has ${value === undefined ? "no" : "an unusable"} ${name}: it must be ${rule}`,
  );
}

/** -1 is no limit, which is 0 here where there may be none; what is beyond a range becomes its end, with a note. */
function limitOf(given: unknown, name: string, limit: Limit, note: (text: string) => void): number {
  const rule = settingRules[limit.setting];
  if (rule.kind !== "number") throw new Error(`${limit.setting} is no number`);
  const asked = Number(given ?? limit.byDefault);
  if (!Number.isFinite(asked)) {
    note(`${name} is no number, so ${limit.setting} is ${rule.default}`);
    return rule.default;
  }
  if (asked < 0) return rule.zeroMeansUnlimited ? 0 : rule.max;
  const value = Math.round(asked * limit.factor);
  const least = rule.zeroMeansUnlimited ? 1 : rule.min;
  const within = Math.min(Math.max(value, least), rule.max);
  if (within !== value)
    note(`${name} is ${asked}, and ${limit.setting} goes from ${least} to ${rule.max}: it is ${within}`);
  return within;
}

/** MySQL's booleans are numbers, and those of variables are texts. */
function isOn(given: unknown, byDefault: boolean): boolean {
  return given === undefined ? byDefault : ["true", "1"].includes(String(given).toLowerCase());
}
