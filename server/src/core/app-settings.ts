/** Every setting of an app: its default (Pusher's where Pusher has one), its range, and what it means. */
import { type ChannelRule, ruleKeys } from "./channel-rules.ts";

export interface AppSettings {
  readonly clientEventsEnabled: boolean;
  readonly subscriptionCountEnabled: boolean;
  readonly watchlistEnabled: boolean;
  readonly authorizedConnectionsOnly: boolean;
  readonly authorizationTimeoutMs: number;
  readonly allowedOrigins: readonly string[];
  readonly connectionsMax: number;
  readonly channelsPerConnectionMax: number;
  readonly messagesPerSecondMax: number;
  readonly clientEventsPerSecondMax: number;
  readonly eventPayloadBytesMax: number;
  readonly eventNameLengthMax: number;
  readonly channelNameLengthMax: number;
  readonly channelsPerEventMax: number;
  readonly eventsPerBatchMax: number;
  readonly presenceMembersMax: number;
  readonly presenceMemberBytesMax: number;
  readonly userDataBytesMax: number;
  readonly watchlistLengthMax: number;
  readonly cacheTtlMs: number;
  readonly apiRequestsPerSecondMax: number;
  readonly idempotencyWindowMs: number;
  readonly eventHoldMsMax: number;
  readonly webhookRequestsMax: number;
  readonly channelRules: readonly ChannelRule[];
}

/** A rule of channel-rules.ts, which says what it may set. */
type Rules = {
  readonly kind: "rules";
  readonly default: readonly ChannelRule[];
  readonly keys: typeof ruleKeys;
  readonly help: string;
};

export type SettingRule =
  | Rules
  | { readonly kind: "toggle"; readonly default: boolean; readonly help: string }
  | {
      readonly kind: "number";
      readonly default: number;
      readonly min: number;
      readonly max: number;
      /** 0 stands for no limit. */
      readonly isEndlessAtZero: boolean;
      readonly help: string;
    }
  | {
      readonly kind: "list";
      readonly default: readonly string[];
      readonly lengthMax: number;
      readonly help: string;
    };

const second = 1_000;
const minute = 60 * second;

export const settingRules: { readonly [Name in keyof AppSettings]: SettingRule } = {
  clientEventsEnabled: toggle(true, "Clients may send client- events on private and presence channels"),
  subscriptionCountEnabled: toggle(
    false,
    "Channels announce their subscription count; not presence channels",
  ),
  watchlistEnabled: toggle(false, "Signed-in users are told when the users they watch come and go"),
  authorizedConnectionsOnly: toggle(
    false,
    "A connection that neither signs in nor enters a private or presence channel is closed after a time",
  ),
  authorizationTimeoutMs: number(30 * second, 1 * second, 10 * minute, "The time for that, in milliseconds"),
  allowedOrigins: {
    kind: "list",
    default: [],
    lengthMax: 100,
    help: "Origins that browsers may connect from, such as https://example.com or *.example.com; empty: all",
  },
  connectionsMax: limit(0, 1_000_000, "Connections at once"),
  channelsPerConnectionMax: number(1_000, 1, 100_000, "Channels that one connection may be in"),
  messagesPerSecondMax: limit(
    100,
    100_000,
    "Messages a second a connection, with ten seconds' worth at once and all its subscriptions twice",
  ),
  clientEventsPerSecondMax: limit(10, 10_000, "Client events a second a connection"),
  eventPayloadBytesMax: number(10_240, 1, 1_048_576, "Bytes of one event's data"),
  eventNameLengthMax: number(200, 1, 1_000, "Characters of an event's name"),
  channelNameLengthMax: number(200, 1, 1_000, "Characters of a channel's name, prefix included"),
  channelsPerEventMax: number(100, 1, 10_000, "Channels that one trigger may name"),
  eventsPerBatchMax: number(10, 1, 1_000, "Events in one batch"),
  presenceMembersMax: number(100, 1, 100_000, "Members of one presence channel"),
  presenceMemberBytesMax: number(1_024, 1, 65_536, "Bytes of one member's channel_data"),
  userDataBytesMax: number(10_240, 1, 65_536, "Bytes of user_data at sign-in"),
  watchlistLengthMax: number(100, 0, 10_000, "Users that one user may watch"),
  cacheTtlMs: number(
    30 * minute,
    1 * second,
    24 * 60 * minute,
    "How long a cache channel keeps its last event, in milliseconds",
  ),
  apiRequestsPerSecondMax: limit(0, 1_000_000, "HTTP API requests a second"),
  idempotencyWindowMs: number(
    2 * minute,
    1 * second,
    60 * minute,
    "How long an Idempotency-Key is remembered, in milliseconds",
  ),
  eventHoldMsMax: number(
    0,
    0,
    100,
    "How long events of a busy channel may wait, in milliseconds, so that several go out in one write; 0: not at all. Not in Pusher",
  ),
  webhookRequestsMax: number(
    1_000,
    1,
    1_000,
    "Requests at once to all webhooks of the app, where the server allows as many. Not in Pusher",
  ),
  channelRules: {
    kind: "rules",
    default: [],
    keys: ruleKeys,
    help: "What differs for channels whose names match a pattern, such as their history; the first that matches holds. Not in Pusher",
  },
};

export const settingNames = Object.keys(settingRules) as (keyof AppSettings)[];

export const defaultAppSettings = Object.fromEntries(
  settingNames.map((name) => [name, settingRules[name].default]),
) as unknown as AppSettings;

function toggle(byDefault: boolean, help: string): SettingRule {
  return { kind: "toggle", default: byDefault, help };
}

function number(byDefault: number, min: number, max: number, help: string): SettingRule {
  return { kind: "number", default: byDefault, min, max, isEndlessAtZero: false, help };
}

function limit(byDefault: number, max: number, help: string): SettingRule {
  const words = `${help}; 0: no limit`;
  return { kind: "number", default: byDefault, min: 0, max, isEndlessAtZero: true, help: words };
}
