/** Converts soketi's apps and webhooks to Soketify's. Each field is converted, or named in a note. */
import { z } from "zod";
import type { AppRecord } from "../../core/apps/app.ts";
import { type AppSettings, settingRules } from "../../core/apps/app-settings.ts";
import {
  appIdPattern,
  appIdRule,
  appKeyPattern,
  appKeyRule,
  appSecretPattern,
  appSecretRule,
} from "../../core/apps/credentials.ts";
import { newApp } from "../../core/apps/new-app.ts";
import type { Webhook } from "../../core/webhooks/webhook.ts";
import { type SoketiConfig, SoketiUnusable } from "./soketi-config.ts";
import { readSoketiWebhooks } from "./soketi-webhooks.ts";

export interface SoketiApps {
  readonly apps: readonly AppRecord[];
  readonly webhooks: readonly Webhook[];
  /** A sentence for each setting that is not imported. */
  readonly notes: readonly string[];
}

type NumberSetting = {
  [Name in keyof AppSettings]: AppSettings[Name] extends number ? Name : never;
}[keyof AppSettings];

interface Limit {
  readonly setting: NumberSetting;
  /** The path in soketi's config of the default for all apps; null if there is none. */
  readonly path: string | null;
  readonly byDefault: number;
  /** The factor to Soketify's unit: soketi counts some limits in kilobytes. */
  readonly factor: number;
}

/** By the name in the config. A column has the same name in snake_case, except those in `columns`. */
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

/** Columns whose name is not the config's name in snake_case. */
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
 * @throws SoketiUnusable if an app's credentials are missing or cannot be used
 */
export function readSoketiApps(given: readonly unknown[], config: SoketiConfig, nowMs: number): SoketiApps {
  const notes: string[] = [];
  const webhooks: Webhook[] = [];
  const apps = given.map((one, index) => {
    const parsed = z.record(z.string(), z.unknown()).safeParse(one);
    if (!parsed.success) throw new SoketiUnusable(`App ${index + 1} is not an object`);
    const fields = inConfigNames(parsed.data);
    const app = toApp(fields, config, nowMs, notes);
    webhooks.push(...readSoketiWebhooks(fields.get("webhooks"), app.id, { config, nowMs, notes }));
    return app;
  });
  return { apps, webhooks, notes };
}

/** Null and undefined mean the default. */
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

/** soketi's -1 means no limit, which is 0 here if the setting allows it. A value out of range becomes the nearest allowed one, with a note. */
function limitOf(given: unknown, name: string, limit: Limit, note: (text: string) => void): number {
  const rule = settingRules[limit.setting];
  if (rule.kind !== "number") throw new Error(`${limit.setting} is not a number`);
  const asked = Number(given ?? limit.byDefault);
  if (!Number.isFinite(asked)) {
    note(`${name} is not a number, so ${limit.setting} is set to ${rule.default}`);
    return rule.default;
  }
  if (asked < 0) return rule.zeroMeansUnlimited ? 0 : rule.max;
  const value = Math.round(asked * limit.factor);
  const least = rule.zeroMeansUnlimited ? 1 : rule.min;
  const within = Math.min(Math.max(value, least), rule.max);
  if (within !== value)
    note(`${name} is ${asked}, but ${limit.setting} must be ${least} to ${rule.max}: it is set to ${within}`);
  return within;
}

/** MySQL's booleans are numbers, and environment variables are texts. */
function isOn(given: unknown, byDefault: boolean): boolean {
  return given === undefined ? byDefault : ["true", "1"].includes(String(given).toLowerCase());
}
