/** The roster of a single node: plain maps, and every result within the call. */
import { KeyedTable } from "../core/collections/keyed-table.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { JoinedHistory, Position } from "../core/ports/history.ts";
import type {
  ChannelCounts,
  Joined,
  JoinRequest,
  LeaveRequest,
  Roster,
  RosterChange,
} from "../core/ports/roster.ts";
import type { MemberInfo } from "../protocol/server-message.ts";
import { CountPace } from "./count-pace.ts";
import type { MemoryBroker } from "./memory-broker.ts";

interface Member {
  readonly info: MemberInfo;
  connections: number;
}

interface Channel {
  readonly name: string;
  subscriptions: number;
  /** Null until the first member: only presence channels have members. */
  members: Map<string, Member> | null;
  /** The position at the latest miss that webhooks were notified of. */
  missedAt: Position | null;
}

interface LocalApp {
  readonly channels: KeyedTable<Channel>;
  /** Signed-in connections of each user. */
  readonly users: Map<string, number>;
}

const nobody: ChannelCounts = { subscriptionCount: 0, userCount: 0 };

export class MemoryRoster implements Roster {
  readonly #broker: MemoryBroker;
  readonly #countPace: CountPace;
  readonly #apps = new Map<string, LocalApp>();
  #onChange: (change: RosterChange) => void = () => undefined;
  readonly #clock: Clock;
  /** In microseconds of the clock, so that it grows across restarts. */
  #revision = 0;

  /** Passes its entries to the broker's listener. */
  constructor(broker: MemoryBroker, clock: Clock) {
    this.#broker = broker;
    this.#clock = clock;
    this.#countPace = new CountPace(clock, (appId, channel, subscriptionCount) => {
      broker.line.subscriptionCount(appId, channel, subscriptionCount);
      const revision = this.#nextRevision();
      this.#onChange({ type: "subscription_count", appId, channel, subscriptionCount, revision });
    });
  }

  onChange(listener: (change: RosterChange) => void): void {
    this.#onChange = listener;
  }

  join(request: JoinRequest, entered: (joined: Joined) => void): undefined {
    const { appId, channel: name, member, membersMax, isCountPublished } = request;
    const known = this.#apps.get(appId)?.channels.get(name);
    if (member !== null && known !== undefined && isFull(known, member.userId, membersMax)) {
      entered({ outcome: "full" });
      return;
    }
    const channel: Channel = known ?? { name, subscriptions: 0, members: null, missedAt: null };
    channel.subscriptions += 1;
    if (known === undefined) {
      this.#app(appId).channels.add(channel);
      this.#onChange({ type: "channel_occupied", appId, channel: name, revision: this.#nextRevision() });
    }
    if (member !== null && addMember(channel, member)) {
      const { userId } = member;
      this.#broker.line.memberAdded(appId, name, member);
      this.#onChange({ type: "member_added", appId, channel: name, userId, revision: this.#nextRevision() });
    }
    entered({ outcome: "joined", members: infos(channel), history: this.#historyOf(channel, request) });
    if (isCountPublished) this.#countPace.changed(appId, name, channel.subscriptions);
  }

  leave({ appId, channel: name, userId, isCountPublished }: LeaveRequest): undefined {
    const app = this.#apps.get(appId);
    const channel = app?.channels.get(name);
    if (app === undefined || channel === undefined) return;
    channel.subscriptions -= 1;
    const isVacated = channel.subscriptions === 0;
    if (isVacated) app.channels.delete(name);
    this.#forgetIfEmpty(appId, app);
    if (userId !== null && removeMember(channel, userId)) {
      this.#broker.line.memberRemoved(appId, name, userId);
      this.#onChange({
        type: "member_removed",
        appId,
        channel: name,
        userId,
        revision: this.#nextRevision(),
      });
    }
    if (isCountPublished) this.#countPace.changed(appId, name, channel.subscriptions);
    if (isVacated) {
      this.#onChange({ type: "channel_vacated", appId, channel: name, revision: this.#nextRevision() });
    }
  }

  userConnected(appId: string, userId: string, notifiesWatchers: boolean): undefined {
    const { users } = this.#app(appId);
    const connections = users.get(userId) ?? 0;
    users.set(userId, connections + 1);
    if (connections === 0) this.#publishUser(appId, userId, true, notifiesWatchers);
  }

  userDisconnected(appId: string, userId: string, notifiesWatchers: boolean): undefined {
    const app = this.#apps.get(appId);
    const connections = app?.users.get(userId);
    if (app === undefined || connections === undefined) return;
    if (connections > 1) {
      app.users.set(userId, connections - 1);
      return;
    }
    app.users.delete(userId);
    this.#forgetIfEmpty(appId, app);
    this.#publishUser(appId, userId, false, notifiesWatchers);
  }

  watch(): undefined {
    // A single node knows all users.
  }

  unwatch(): void {
    // As above.
  }

  isOnline(appId: string, userId: string): boolean {
    return this.#apps.get(appId)?.users.has(userId) ?? false;
  }

  async channels(appId: string, prefix: string): Promise<ReadonlyMap<string, ChannelCounts>> {
    const found = new Map<string, ChannelCounts>();
    for (const channel of this.#apps.get(appId)?.channels ?? []) {
      if (channel.name.startsWith(prefix)) found.set(channel.name, count(channel));
    }
    return found;
  }

  async counts(appId: string, name: string): Promise<ChannelCounts> {
    const channel = this.#apps.get(appId)?.channels.get(name);
    return channel === undefined ? nobody : count(channel);
  }

  async members(appId: string, name: string): Promise<readonly MemberInfo[]> {
    const channel = this.#apps.get(appId)?.channels.get(name);
    return channel === undefined ? [] : infos(channel);
  }

  async onlineUsers(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const users = this.#apps.get(appId)?.users;
    return new Set(userIds.filter((userId) => users?.has(userId)));
  }

  async sweep(): Promise<null> {
    return null; // there are no contributions of other nodes
  }

  async enterAgain(): Promise<void> {
    // No other node can have swept this one.
  }

  #historyOf(channel: Channel, { appId, channel: name, bounds, catchUp }: JoinRequest): JoinedHistory | null {
    if (bounds === null) return null;
    const history = this.#broker.joinHistory(appId, name, bounds, catchUp);
    if (history.outcome !== "whole" || catchUp?.type !== "rewind" || history.events.length > 0)
      return history;
    const { position } = history;
    const { missedAt } = channel;
    const isFirstMiss = missedAt?.epoch !== position.epoch || missedAt.offset !== position.offset;
    channel.missedAt = position;
    return { ...history, isFirstMiss };
  }

  #publishUser(appId: string, userId: string, isOnline: boolean, notifiesWatchers: boolean): void {
    if (notifiesWatchers) this.#broker.line.userOnline(appId, userId, isOnline);
    const type = isOnline ? "user_online" : "user_offline";
    this.#onChange({ type, appId, userId, revision: this.#nextRevision() });
  }

  #nextRevision(): number {
    this.#revision = Math.max(this.#revision + 1, this.#clock.now() * 1_000);
    return this.#revision;
  }

  #app(appId: string): LocalApp {
    let app = this.#apps.get(appId);
    if (app === undefined) {
      app = { channels: new KeyedTable(({ name }) => name), users: new Map() };
      this.#apps.set(appId, app);
    }
    return app;
  }

  #forgetIfEmpty(appId: string, app: LocalApp): void {
    if (app.channels.size === 0 && app.users.size === 0) this.#apps.delete(appId);
  }
}

function isFull({ members }: Channel, userId: string, membersMax: number): boolean {
  return members !== null && !members.has(userId) && members.size >= membersMax;
}

/**
 * Returns true if it is the user's first connection in the channel. Later connections do not change the user's info.
 */
function addMember(channel: Channel, info: MemberInfo): boolean {
  channel.members ??= new Map();
  const member = channel.members.get(info.userId);
  if (member !== undefined) {
    member.connections += 1;
    return false;
  }
  channel.members.set(info.userId, { info, connections: 1 });
  return true;
}

/** Returns true if it was the user's last connection in the channel. */
function removeMember({ members }: Channel, userId: string): boolean {
  const member = members?.get(userId);
  if (member === undefined) return false;
  member.connections -= 1;
  if (member.connections > 0) return false;
  members?.delete(userId);
  return true;
}

function infos({ members }: Channel): readonly MemberInfo[] {
  return members === null ? [] : Array.from(members.values(), ({ info }) => info);
}

function count({ subscriptions, members }: Channel): ChannelCounts {
  return { subscriptionCount: subscriptions, userCount: members?.size ?? 0 };
}
