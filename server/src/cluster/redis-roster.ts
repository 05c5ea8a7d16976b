/** The roster of a cluster on Redis. The interface states its contract, and redis-scripts.ts contains each step. */
import type { Clock } from "../core/ports/clock.ts";
import type { Pending } from "../core/ports/line.ts";
import type {
  ChannelCounts,
  GraceOf,
  Joined,
  JoinRequest,
  LeaveRequest,
  Roster,
  RosterChange,
} from "../core/ports/roster.ts";
import type { MemberInfo } from "../protocol/server-message.ts";
import type { FollowedChannel } from "./followed-channel.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { Change, RedisChanges } from "./redis-changes.ts";
import type { RedisChannels } from "./redis-channels.ts";
import { RedisCounts } from "./redis-counts.ts";
import { type Answer, decodeMember, encodeMember, whenOf } from "./redis-line.ts";
import type { RedisLink } from "./redis-link.ts";
import { RedisOccupied } from "./redis-occupied.ts";
import type { ChangingScript } from "./redis-scripts.ts";
import { RedisSweep } from "./redis-sweep.ts";
import type { RedisUsers } from "./redis-users.ts";

type ChannelName = Pick<FollowedChannel, "appId" | "name" | "key">;

/** The maximum concurrent commands of one call. */
const commandsAtOnce = 1_000;

export class RedisRoster implements Roster {
  readonly #link: RedisLink;
  readonly #changes: RedisChanges;
  readonly #channels: RedisChannels;
  readonly #users: RedisUsers;
  readonly #counts: RedisCounts;
  readonly #occupied: RedisOccupied;
  readonly #sweep: RedisSweep;
  #onChange: (change: RosterChange) => void = () => undefined;

  constructor(
    link: RedisLink,
    changes: RedisChanges,
    channels: RedisChannels,
    users: RedisUsers,
    { clock, graceOf }: { readonly clock: Clock; readonly graceOf: GraceOf },
  ) {
    this.#link = link;
    this.#changes = changes;
    this.#channels = channels;
    this.#users = users;
    this.#counts = new RedisCounts(link, changes, clock, (change) => this.#onChange(change));
    this.#occupied = new RedisOccupied(
      link,
      async (appId, name) => (await this.counts(appId, name)).subscriptionCount > 0,
    );
    this.#sweep = new RedisSweep(link, graceOf, {
      channel: (nodeId, appId, name) => this.#sweepChannel(nodeId, appId, name),
      user: (nodeId, appId, userId) => users.sweep(nodeId, appId, userId),
    });
    channels.onForgotten((channel) => this.#counts.forgotten(channel));
    channels.onChanges((channel, changed) => this.#report(channel, changed));
    link.onUp((isDataLost) => this.#enterAgain(isDataLost));
  }

  onChange(listener: (change: RosterChange) => void): void {
    this.#onChange = listener;
    this.#users.onChange(listener);
  }

  async join(request: JoinRequest, entered: (joined: Joined) => void): Promise<void> {
    const { appId, channel: name, member, bounds, isCountPublished } = request;
    const channel = this.#channels.open(appId, name);
    channel.subscriptions += 1;
    if (member !== null) channel.addUser(member);
    if (bounds !== null) channel.bounds = bounds;
    const needsAnswer = member !== null || bounds !== null;
    const ready = Promise.all([
      this.#channels.contributions.list(channel),
      this.#channels.follow(channel, needsAnswer),
    ]);
    if (this.#link.isUp) await ready;
    if (!this.#link.isUp) this.#enterLocally(channel, request, entered);
    else if (needsAnswer) await this.#joinOnLine(channel, request, entered);
    else {
      if (!channel.isContributing) await this.#joinFirst(channel);
      entered({ outcome: "joined", members: [], history: null });
    }
    if (channel.subscriptions > 0) this.#counts.changed(channel, isCountPublished);
  }

  async leave({ appId, channel: name, userId, isCountPublished }: LeaveRequest): Promise<void> {
    const channel = this.#channels.find(appId, name);
    if (channel === undefined || channel.subscriptions === 0) return;
    channel.subscriptions -= 1;
    const isUserGone = userId !== null && channel.removeUser(userId);
    if (this.#link.isUp && (channel.subscriptions === 0 || isUserGone))
      await this.#leaveEngine(channel, isUserGone ? userId : "");
    this.#counts.changed(channel, isCountPublished);
    this.#channels.lingerIfIdle(channel);
  }

  userConnected(appId: string, userId: string, notifiesWatchers: boolean): Pending {
    return this.#users.connected(appId, userId, notifiesWatchers);
  }

  userDisconnected(appId: string, userId: string, notifiesWatchers: boolean): Pending {
    return this.#users.disconnected(appId, userId, notifiesWatchers);
  }

  watch(appId: string, userIds: readonly string[]): Pending {
    return this.#users.watch(appId, userIds);
  }

  unwatch(appId: string, userIds: readonly string[]): void {
    this.#users.unwatch(appId, userIds);
  }

  isOnline(appId: string, userId: string): boolean {
    return this.#users.isOnline(appId, userId);
  }

  onlineUsers(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#users.online(appId, userIds);
  }

  async channels(appId: string, prefix: string): Promise<ReadonlyMap<string, ChannelCounts>> {
    const names = (await this.#occupied.of(appId)).filter((name) => name.startsWith(prefix));
    const found = new Map<string, ChannelCounts>();
    for (let index = 0; index < names.length; index += commandsAtOnce) {
      const group = names.slice(index, index + commandsAtOnce);
      const counts = await Promise.all(group.map((name) => this.counts(appId, name)));
      for (const [index, name] of group.entries()) {
        const count = counts[index];
        if (count !== undefined && count.subscriptionCount > 0) found.set(name, count);
      }
    }
    return found;
  }

  async counts(appId: string, name: string): Promise<ChannelCounts> {
    const key = this.#link.keys.channel(appId, name);
    const [subscriptionCount, userCount] = (await this.#link.run("counts", key, [])) as [number, number];
    return { subscriptionCount, userCount };
  }

  async members(appId: string, name: string): Promise<readonly MemberInfo[]> {
    const reply = await this.#link.run("membersOf", this.#link.keys.channel(appId, name), []);
    return (reply as string[]).map(decodeMember);
  }

  sweep(nodeId: string, goneMs: number): Promise<number | null> {
    return this.#sweep.run(nodeId, goneMs);
  }

  async enterAgain(): Promise<void> {
    await this.#enterAgain(false);
  }

  async #enterAgain(isDataLost: boolean): Promise<void> {
    const { breaks } = this.#counts;
    await this.#users.enterAgain();
    await this.#channels.enterAgain(isDataLost);
    this.#counts.entered(breaks);
  }

  /** The answer arrives on the line, and `entered` is called at that point of the line. */
  async #joinOnLine(
    channel: FollowedChannel,
    request: JoinRequest,
    entered: (joined: Joined) => void,
  ): Promise<void> {
    const { member, membersMax, bounds, catchUp } = request;
    const token = this.#channels.newToken();
    const { promise: answered, resolve, reject } = Promise.withResolvers<void>();
    channel.await(token, (answer) => {
      try {
        if (answer === null) this.#enterLocally(channel, request, entered);
        else this.#enter(channel, request, answer, entered);
        resolve();
      } catch (error) {
        reject(error);
      }
    });
    channel.writtenCount = channel.subscriptions;
    const args = [
      this.#link.nodeId,
      String(channel.subscriptions),
      token,
      this.#channels.answersLine(channel),
      member?.userId ?? "",
      member === null ? "" : encodeMember(member),
      String(membersMax),
      member !== null && !channel.knowsMembers ? "1" : "0",
      ...this.#channels.historyArgs(bounds, catchUp),
    ];
    await Promise.all([answered, this.#run("join", channel, args).catch(ignoreUnreachable)]);
  }

  #enter(
    channel: FollowedChannel,
    { member }: JoinRequest,
    { isFull, history }: Answer,
    entered: (joined: Joined) => void,
  ): void {
    if (isFull) {
      this.#undoJoin(channel, member);
      entered({ outcome: "full" });
      return;
    }
    channel.isContributing = true;
    if (member !== null) channel.markReported(member.userId);
    entered({ outcome: "joined", members: member === null ? [] : channel.membersFor(member), history });
  }

  /** The engine is unreachable: the join uses what this node knows. The engine is updated when it is back. */
  #enterLocally(
    channel: FollowedChannel,
    { member, membersMax, bounds }: JoinRequest,
    entered: (joined: Joined) => void,
  ): void {
    if (member !== null && !channel.hasRoomFor(member, membersMax)) {
      this.#undoJoin(channel, member);
      entered({ outcome: "full" });
      return;
    }
    entered({
      outcome: "joined",
      members: member === null ? [] : channel.membersFor(member),
      history: bounds === null ? null : { outcome: "unavailable" },
    });
  }

  /**
   * The node's first subscription in a channel without members and history: no data of the engine is needed, so no
   * answer on the line is awaited.
   */
  async #joinFirst(channel: FollowedChannel): Promise<void> {
    channel.isContributing = true;
    channel.writtenCount = channel.subscriptions;
    const args = [this.#link.nodeId, String(channel.subscriptions), "", "", "", "", "0", "0"];
    await this.#run("join", channel, args).catch(ignoreUnreachable);
  }

  #undoJoin(channel: FollowedChannel, member: MemberInfo | null): void {
    channel.subscriptions -= 1;
    channel.writtenCount = null;
    if (member !== null) channel.removeUser(member.userId);
    if (channel.subscriptions === 0 && channel.isContributing && this.#link.isUp)
      void this.#leaveEngine(channel, "");
    else if (channel.isContributing) this.#counts.changed(channel, false);
    this.#channels.lingerIfIdle(channel);
  }

  async #leaveEngine(channel: FollowedChannel, userId: string): Promise<void> {
    const isLast = channel.subscriptions === 0 && !channel.isUnsure;
    if (isLast) channel.isContributing = false;
    channel.writtenCount = channel.subscriptions;
    try {
      await this.#run("leave", channel, [this.#link.nodeId, String(channel.subscriptions), userId]);
      if (isLast && channel.subscriptions === 0) await this.#channels.contributions.unlist(channel);
    } catch (error) {
      // The engine may or may not have it: the node writes it again when the engine is back.
      channel.isContributing = true;
      ignoreUnreachable(error);
    }
  }

  /** @throws EngineUnreachable */
  async #run(script: ChangingScript, channel: ChannelName, args: readonly string[]): Promise<void> {
    await this.#changes.run(script, channel.key, args, (changes) => this.#report(channel, changes));
  }

  #report({ appId, name }: ChannelName, changes: readonly Change[]): void {
    for (const [what, revision, userId, awayMs] of changes) {
      const when = whenOf(revision, awayMs);
      if (what === "member_added" || what === "member_removed") {
        this.#onChange({ type: what, appId, channel: name, userId, ...when });
      } else if (what === "channel_occupied" || what === "channel_vacated") {
        this.#occupied.set(appId, name, what === "channel_occupied");
        this.#onChange({ type: what, appId, channel: name, ...when });
      }
    }
  }

  async #sweepChannel(nodeId: string, appId: string, name: string): Promise<void> {
    const channel = { appId, name, key: this.#link.keys.channel(appId, name) };
    await this.#run("contribute", channel, [nodeId, "0", "", "", "[]", "0"]);
    await this.#counts.send(channel, nodeId, 0, true);
  }
}
