/** Measures how much of each limit of an app its clients and backends use on this node. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { AppSettings } from "../core/apps/app-settings.ts";
import { type ChannelRule, ruleOfChannel } from "../core/apps/channel-rules.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { LimitMark, RateMark } from "../core/limits/limit-mark.ts";
import type { LimitUse } from "../core/limits/limit-use.ts";
import type { Clock } from "../core/ports/clock.ts";

/** Limits whose usage is the highest value of the last two minutes. */
const sizes = [
  "eventPayloadBytesMax",
  "eventNameLengthMax",
  "channelNameLengthMax",
  "channelsPerEventMax",
  "eventsPerBatchMax",
  "presenceMembersMax",
  "presenceMemberBytesMax",
  "userDataBytesMax",
  "watchlistLengthMax",
] as const;
type Size = (typeof sizes)[number];

/** A connection may send ten times its rate in one burst, so the rate is measured over ten seconds. */
const messagesWindowMs = 10_000;
const second = 1_000;
const prunedEveryApps = 64;

/** The limits of one channel rule. */
class RuleMarks {
  readonly eventPayloadBytesMax = new LimitMark();
  readonly presenceMembersMax = new LimitMark();
  readonly presenceMemberBytesMax = new LimitMark();
  readonly clientEvents = new RateMark(second);
}
type RuleSize = "eventPayloadBytesMax" | "presenceMembersMax" | "presenceMemberBytesMax";

class Marks {
  readonly sizes = Object.fromEntries(sizes.map((name) => [name, new LimitMark()])) as Record<
    Size,
    LimitMark
  >;
  readonly messages = new RateMark(messagesWindowMs);
  readonly clientEvents = new RateMark(second);
  readonly requests = new RateMark(second);
  readonly channels = new LimitMark();
  /** By pattern. */
  readonly rules = new Map<string, RuleMarks>();
  /** The connection with the most channels, and their number. */
  widest: { readonly connection: Connection; readonly channels: number } | null = null;
}

export class AppLimits {
  readonly #registry: Pick<AppRegistry, "byId">;
  readonly #hub: Pick<Hub, "connections">;
  readonly #clock: Clock;
  readonly #apps = new Map<string, Marks>();

  constructor(
    activity: ActivityFeed,
    {
      registry,
      hub,
      clock,
    }: { registry: Pick<AppRegistry, "byId">; hub: Pick<Hub, "connections">; clock: Clock },
  ) {
    this.#registry = registry;
    this.#hub = hub;
    this.#clock = clock;
    this.#listenToClients(activity);
    this.#listenToBackends(activity);
  }

  /** The app's limits that were used on this node. */
  of({ id, settings }: App): LimitUse[] {
    const marks = this.#apps.get(id);
    if (marks === undefined) return [];
    const nowMs = this.#clock.now();
    const use = (limit: keyof AppSettings, { peak }: LimitMark, used: number): LimitUse[] =>
      peak === 0 ? [] : [{ limit, used, max: Number(settings[limit]), peak }];
    const lately = (limit: keyof AppSettings, mark: LimitMark) => use(limit, mark, mark.lately(nowMs));
    return [
      ...use("channelsPerConnectionMax", marks.channels, this.#widest(id, marks)),
      ...lately("messagesPerSecondMax", marks.messages.mark),
      ...lately("clientEventsPerSecondMax", marks.clientEvents.mark),
      ...lately("apiRequestsPerSecondMax", marks.requests.mark),
      ...sizes.flatMap((name) => lately(name, marks.sizes[name])),
      ...settings.channelRules.flatMap((rule) => ofRule(rule, marks.rules.get(rule.pattern), nowMs)),
    ];
  }

  /** Removes deleted apps. */
  #prune(): void {
    for (const appId of this.#apps.keys()) if (this.#registry.byId(appId) === null) this.#apps.delete(appId);
  }

  /** Searches all connections only after the widest one has left a channel or closed. */
  #widest(appId: string, marks: Marks): number {
    const known = marks.widest;
    if (
      known !== null &&
      !known.connection.isClosed &&
      known.connection.subscriptions.size() >= known.channels
    )
      return known.channels;
    marks.widest = null;
    for (const connection of this.#hub.connections(appId)) {
      const channels = connection.subscriptions.size();
      if (channels > (marks.widest?.channels ?? 0)) marks.widest = { connection, channels };
    }
    return marks.widest?.channels ?? 0;
  }

  #listenToClients(activity: ActivityFeed): void {
    activity.on("message_received", ({ appId, connection }) =>
      this.#of(appId).messages.count(connection.socketId, this.#clock.now()),
    );
    activity.on("client_event", ({ appId, socketId, channel, event, data }) => {
      const rule = this.#rule(appId, channel, "clientEventsPerSecondMax");
      (rule ?? this.#of(appId)).clientEvents.count(socketId, this.#clock.now());
      this.#event(appId, [channel], event, data);
    });
    activity.on("subscribed", ({ appId, connection, channel, memberCount }) => {
      const marks = this.#of(appId);
      const channels = connection.subscriptions.size();
      marks.channels.saw(channels, this.#clock.now());
      if (channels > (marks.widest?.channels ?? 0)) marks.widest = { connection, channels };
      this.#size(appId, "channelNameLengthMax", channel.length);
      const infoBytes = connection.subscriptions.get(channel)?.infoBytes ?? 0;
      if (infoBytes > 0) this.#sizeIn(appId, channel, "presenceMemberBytesMax", infoBytes);
      if (memberCount !== undefined) this.#sizeIn(appId, channel, "presenceMembersMax", memberCount);
    });
    activity.on("signed_in", ({ appId, connection, dataBytes }) => {
      this.#size(appId, "userDataBytesMax", dataBytes);
      this.#size(appId, "watchlistLengthMax", connection.user?.watchlist.length ?? 0);
    });
  }

  #listenToBackends(activity: ActivityFeed): void {
    activity.on("api_request", ({ appId }) => {
      if (appId !== null) this.#of(appId).requests.count("", this.#clock.now());
    });
    activity.on("batch_published", ({ appId, events }) => this.#size(appId, "eventsPerBatchMax", events));
    activity.on("event_published", ({ appId, channels, event, data }) => {
      this.#size(appId, "channelsPerEventMax", channels.length);
      this.#event(appId, channels, event, data);
    });
  }

  /** Runs for every publish, so it looks everything up once. */
  #event(appId: string, channels: readonly string[], event: string, data: string): void {
    const settings = this.#registry.byId(appId)?.settings;
    if (settings === undefined) return;
    const nowMs = this.#clock.now();
    const { sizes } = this.#of(appId);
    sizes.eventNameLengthMax.saw(event.length, nowMs);
    for (const channel of channels) sizes.channelNameLengthMax.saw(channel.length, nowMs);
    const bytes = Buffer.byteLength(data);
    if (settings.channelRules.length === 0) sizes.eventPayloadBytesMax.saw(bytes, nowMs);
    else for (const channel of channels) this.#sizeIn(appId, channel, "eventPayloadBytesMax", bytes);
  }

  #size(appId: string, limit: Size, value: number): void {
    this.#of(appId).sizes[limit].saw(value, this.#clock.now());
  }

  /** A size that a channel rule may limit. */
  #sizeIn(appId: string, channel: string, limit: RuleSize, value: number): void {
    const mark = this.#rule(appId, channel, limit)?.[limit] ?? this.#of(appId).sizes[limit];
    mark.saw(value, this.#clock.now());
  }

  /** The marks of the rule that sets this limit for the channel; null: the app's limit applies. */
  #rule(appId: string, channel: string, limit: RuleSize | "clientEventsPerSecondMax"): RuleMarks | null {
    const settings = this.#registry.byId(appId)?.settings;
    if (settings === undefined || settings.channelRules.length === 0) return null;
    const rule = settings.channelRules[ruleOfChannel(settings, channel) ?? -1];
    if (rule?.[limit] === undefined) return null;
    const { rules } = this.#of(appId);
    let marks = rules.get(rule.pattern);
    if (marks === undefined) {
      const patterns = new Set(settings.channelRules.map(({ pattern }) => pattern));
      for (const pattern of rules.keys()) if (!patterns.has(pattern)) rules.delete(pattern);
      marks = new RuleMarks();
      rules.set(rule.pattern, marks);
    }
    return marks;
  }

  #of(appId: string): Marks {
    let marks = this.#apps.get(appId);
    if (marks === undefined) {
      if (this.#apps.size % prunedEveryApps === 0) this.#prune();
      marks = new Marks();
      this.#apps.set(appId, marks);
    }
    return marks;
  }
}

function ofRule(rule: ChannelRule, marks: RuleMarks | undefined, nowMs: number): LimitUse[] {
  if (marks === undefined) return [];
  const { clientEvents, ...ruleSizes } = marks;
  const all = { ...ruleSizes, clientEventsPerSecondMax: clientEvents.mark };
  return (Object.keys(all) as (keyof typeof all)[]).flatMap((limit): LimitUse[] => {
    const { [limit]: max, pattern } = rule;
    const mark = all[limit];
    if (max === undefined || mark.peak === 0) return [];
    return [{ limit, pattern, used: mark.lately(nowMs), max, peak: mark.peak }];
  });
}
