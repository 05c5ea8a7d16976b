/** Every setting of an app: its default (Pusher's if Pusher has one), its range and its help text. */
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

/** A list of channel rules; channel-rules.ts defines their keys. */
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
      /** Whether 0 means no limit. */
      readonly zeroMeansUnlimited: boolean;
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
    "Subscribers receive the subscription count of their channels, except presence channels",
  ),
  watchlistEnabled: toggle(
    false,
    "Signed-in users are notified when users on their watchlist come online or go offline",
  ),
  authorizedConnectionsOnly: toggle(
    false,
    "Close a connection that neither signs in nor subscribes to a private or presence channel within authorizationTimeoutMs",
  ),
  authorizationTimeoutMs: number(
    30 * second,
    1 * second,
    10 * minute,
    "Time to sign in or subscribe under authorizedConnectionsOnly, in milliseconds",
  ),
  allowedOrigins: {
    kind: "list",
    default: [],
    lengthMax: 100,
    help: "Origins from which browsers may connect, such as https://example.com or *.example.com; empty: all",
  },
  connectionsMax: limit(0, 1_000_000, "Concurrent connections"),
  channelsPerConnectionMax: number(1_000, 1, 100_000, "Channels to which one connection may be subscribed"),
  messagesPerSecondMax: limit(
    100,
    100_000,
    "Messages per second from one connection; bursts of ten times as many, plus two for each of its allowed channels",
  ),
  clientEventsPerSecondMax: limit(10, 10_000, "Client events per second from one connection"),
  eventPayloadBytesMax: number(10_240, 1, 1_048_576, "Size of one event's data, in bytes"),
  eventNameLengthMax: number(200, 1, 1_000, "Characters of an event's name"),
  channelNameLengthMax: number(200, 1, 1_000, "Characters of a channel's name, including its prefix"),
  channelsPerEventMax: number(100, 1, 10_000, "Channels that one trigger may name"),
  eventsPerBatchMax: number(10, 1, 1_000, "Events in one batch"),
  presenceMembersMax: number(100, 1, 100_000, "Members of one presence channel"),
  presenceMemberBytesMax: number(1_024, 1, 65_536, "Size of one member's channel_data, in bytes"),
  userDataBytesMax: number(10_240, 1, 65_536, "Size of user_data at sign-in, in bytes"),
  watchlistLengthMax: number(100, 0, 10_000, "Users on one user's watchlist"),
  cacheTtlMs: number(
    30 * minute,
    1 * second,
    24 * 60 * minute,
    "How long a cache channel keeps its last event, in milliseconds",
  ),
  apiRequestsPerSecondMax: limit(0, 1_000_000, "HTTP API requests per second"),
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
    "How long events of a busy channel may be delayed, in milliseconds, to send several in one write; 0: no delay. Not in Pusher",
  ),
  webhookRequestsMax: number(
    1_000,
    1,
    1_000,
    "Concurrent requests to all webhooks of the app, within the server's own limit. Not in Pusher",
  ),
  channelRules: {
    kind: "rules",
    default: [],
    keys: ruleKeys,
    help: "Settings, such as history, for channels whose names match a pattern; the first matching rule applies. Not in Pusher",
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
  return { kind: "number", default: byDefault, min, max, zeroMeansUnlimited: false, help };
}

function limit(byDefault: number, max: number, help: string): SettingRule {
  const words = `${help}; 0: no limit`;
  return { kind: "number", default: byDefault, min: 0, max, zeroMeansUnlimited: true, help: words };
}
