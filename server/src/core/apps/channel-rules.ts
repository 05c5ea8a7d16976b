/**
 * Channel rules: settings for the channels of an app whose names match a pattern. The first rule that matches a
 * channel's name applies. Settings that it leaves out come from the app's settings.
 */
import { isPresenceChannel } from "../../protocol/channel-name.ts";
import { globMatches } from "../collections/glob.ts";
import type { AppSettings } from "./app-settings.ts";

/** The settings that only a rule can set. */
interface HistorySettings {
  /** The maximum events that a channel stores; 0: none. */
  readonly historyEventsMax: number;
  /** How long it stores them, in milliseconds. */
  readonly historyMs: number;
  /** The latest stored events that a new subscriber receives; 0: none. */
  readonly rewindEventsMax: number;
  /** The maximum age of these events, in milliseconds. */
  readonly rewindMs: number;
  /** How long a disconnected member remains a member, in milliseconds. */
  readonly presenceGraceMs: number;
  /** Whether the history stores client events, too. */
  readonly clientEventsKept: boolean;
  /** Whether backends may publish to the channel. */
  readonly serverEventsEnabled: boolean;
}

const overridable = [
  "clientEventsEnabled",
  "clientEventsPerSecondMax",
  "eventPayloadBytesMax",
  "presenceMembersMax",
  "presenceMemberBytesMax",
] as const;

type Overridable = (typeof overridable)[number];

export type ChannelRule = { readonly pattern: string } & Partial<
  HistorySettings & Pick<AppSettings, Overridable>
>;

/** The settings of one channel. */
export type ChannelSettings = AppSettings & HistorySettings;

export type RuleKey = keyof HistorySettings | Overridable;

const day = 86_400_000;
const minute = 60_000;

/** The values of channels without a rule, and of keys that a rule leaves out. */
const historyDefaults: HistorySettings = {
  historyEventsMax: 0,
  historyMs: 10 * minute,
  rewindEventsMax: 0,
  rewindMs: 7 * day,
  presenceGraceMs: 0,
  clientEventsKept: false,
  serverEventsEnabled: true,
};

interface Toggle {
  readonly kind: "toggle";
  readonly help: string;
  readonly default?: boolean;
}

interface Amount {
  readonly kind: "number";
  readonly min: number;
  readonly max: number;
  readonly help: string;
  readonly default?: number;
}

/** Each key of a rule: its range if it is a number, its help text, and its default if it is no setting of the app. */
export const ruleKeys: { readonly [Key in RuleKey]: Toggle | Amount } = {
  historyEventsMax: number(
    0,
    10_000,
    "Events that a channel stores; 0: none",
    historyDefaults.historyEventsMax,
  ),
  historyMs: number(1_000, 7 * day, "How long it stores them, in milliseconds", historyDefaults.historyMs),
  rewindEventsMax: number(
    0,
    1_000,
    "Latest stored events that a new subscriber receives; 0: none",
    historyDefaults.rewindEventsMax,
  ),
  rewindMs: number(1_000, 7 * day, "Maximum age of these events, in milliseconds", historyDefaults.rewindMs),
  presenceGraceMs: number(
    0,
    5 * minute,
    "How long a disconnected member remains a member, in milliseconds",
    historyDefaults.presenceGraceMs,
  ),
  clientEventsKept: toggle("The history stores client events, too", historyDefaults.clientEventsKept),
  serverEventsEnabled: toggle("Backends may publish to the channel", historyDefaults.serverEventsEnabled),
  clientEventsEnabled: toggle("Clients may send client- events"),
  clientEventsPerSecondMax: number(0, 10_000, "Client events per second from one connection; 0: no limit"),
  eventPayloadBytesMax: number(1, 1_048_576, "Size of one event's data, in bytes"),
  presenceMembersMax: number(1, 100_000, "Members of one presence channel"),
  presenceMemberBytesMax: number(1, 65_536, "Size of one member's channel_data, in bytes"),
};

export const ruleKeyNames = Object.keys(ruleKeys) as RuleKey[];
export const channelRulesMax = 100;
export const patternPattern = /^[-A-Za-z0-9_=@,.;*]{1,200}$/;
export const patternRule =
  "1 to 200 characters that a channel's name may have, and * for any number of characters";

/** Whether a value is a list of valid rules. */
export function areChannelRules(value: unknown): value is readonly ChannelRule[] {
  return Array.isArray(value) && value.length <= channelRulesMax && value.every(isChannelRule);
}

function isChannelRule(value: unknown): value is ChannelRule {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "pattern")) return false;
  return Object.entries(value).every(([key, given]) => {
    if (key === "pattern") return typeof given === "string" && patternPattern.test(given);
    const rule = Object.hasOwn(ruleKeys, key) ? ruleKeys[key as RuleKey] : undefined;
    if (rule?.kind === "toggle") return typeof given === "boolean";
    return rule !== undefined && Number.isInteger(given) && given >= rule.min && given <= rule.max;
  });
}

interface Compiled {
  readonly byDefault: ChannelSettings;
  readonly rules: readonly { readonly pattern: string; readonly settings: ChannelSettings }[];
}

/** Keyed by the app's settings object: a change of settings creates a new object. */
const compiled = new WeakMap<AppSettings, Compiled>();

/** The settings of a channel of an app with these settings. */
export function settingsOfChannel(settings: AppSettings, channel: string): ChannelSettings {
  const { byDefault, rules } = compiledOf(settings);
  for (const rule of rules) if (globMatches(rule.pattern, channel)) return rule.settings;
  return byDefault;
}

/** How long a disconnected member of a channel remains a member, in milliseconds; 0 for other channels. */
export function presenceGraceMs(settings: AppSettings, channel: string): number {
  if (settings.channelRules.length === 0 || !isPresenceChannel(channel)) return 0;
  return settingsOfChannel(settings, channel).presenceGraceMs;
}

/** The index of the rule that applies to a channel; null: none applies. */
export function ruleOfChannel({ channelRules }: AppSettings, channel: string): number | null {
  const index = channelRules.findIndex(({ pattern }) => globMatches(pattern, channel));
  return index < 0 ? null : index;
}

/**
 * Whether clients receive their position in the channel's history. It is false for a cache channel without a history
 * rule.
 */
export function sendsPosition(settings: AppSettings, channel: string): boolean {
  return settings.channelRules.length > 0 && settingsOfChannel(settings, channel).historyEventsMax > 0;
}

function compiledOf(settings: AppSettings): Compiled {
  let found = compiled.get(settings);
  if (found === undefined) {
    const byDefault = { ...settings, ...historyDefaults };
    const rules = settings.channelRules.map(({ pattern, ...rule }) => ({
      pattern,
      settings: { ...byDefault, ...rule } as ChannelSettings,
    }));
    found = { byDefault, rules };
    compiled.set(settings, found);
  }
  return found;
}

function toggle(help: string, byDefault?: boolean): Toggle {
  return { kind: "toggle", help, ...(byDefault !== undefined && { default: byDefault }) };
}

function number(min: number, max: number, help: string, byDefault?: number): Amount {
  return { kind: "number", min, max, help, ...(byDefault !== undefined && { default: byDefault }) };
}
