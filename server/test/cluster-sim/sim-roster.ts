/** The roster of a node in the simulation: it acts like a supplier over a remote engine. */
import type { LineListener, Pending } from "../../src/core/ports/line.ts";
import type {
  ChannelCounts,
  GraceOf,
  Joined,
  JoinRequest,
  LeaveRequest,
  Roster,
  RosterChange,
} from "../../src/core/ports/roster.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";
import type { EngineChannel } from "./engine-channel.ts";
import type { LineMessage, Reply } from "./engine-messages.ts";
import { keptLonger } from "./sim-broker.ts";
import { SimChannel } from "./sim-channel.ts";
import type { SimEngine } from "./sim-engine.ts";
import type { SimLines } from "./sim-lines.ts";
import type { SimProcess } from "./sim-process.ts";
import type { Return, SimUplink } from "./sim-uplink.ts";
import { SimUsers } from "./sim-users.ts";
import { SimWrites } from "./sim-writes.ts";
import { WaitingJoin } from "./waiting-join.ts";

/** After the engine lost its data: the time in which all nodes enter their contributions again. */
const graceMs = 5_000;

export class SimRoster implements Roster {
  readonly #engine: SimEngine;
  readonly #uplink: SimUplink;
  readonly #lines: SimLines;
  readonly #process: SimProcess;
  readonly #listener: () => LineListener;
  readonly #graceOf: GraceOf;
  readonly #users: SimUsers;
  readonly #writes: SimWrites;
  /** Channels that are entered again when their line is followed. */
  readonly #returns = new Map<SimChannel, Return>();
  readonly #joins = new Map<number, WaitingJoin>();
  #tokens = 0;
  #onChange: (change: RosterChange) => void = () => undefined;

  constructor(
    engine: SimEngine,
    parts: { readonly uplink: SimUplink; readonly lines: SimLines; readonly process: SimProcess },
    listener: () => LineListener,
    graceOf: GraceOf,
  ) {
    this.#engine = engine;
    this.#uplink = parts.uplink;
    this.#lines = parts.lines;
    this.#process = parts.process;
    this.#listener = listener;
    this.#graceOf = graceOf;
    const report = (reply: Reply) => this.#report(reply);
    this.#users = new SimUsers(parts.uplink, parts.lines, listener, report);
    this.#writes = new SimWrites(parts, report);
  }

  onChange(listener: (change: RosterChange) => void): void {
    this.#onChange = listener;
  }

  find(line: string): SimChannel | null {
    return this.#writes.channels.get(line) ?? null;
  }

  join(asked: JoinRequest, entered: (joined: Joined) => void): Pending {
    const request = { ...asked, bounds: keptLonger(asked.bounds) };
    const channel = this.#channel(request);
    channel.subscriptions += 1;
    channel.isCountPublished = request.isCountPublished;
    channel.bounds = request.bounds;
    if (request.member !== null) channel.addUser(request.member);
    const join = new WaitingJoin(request, channel, entered);
    this.#lines.follow(channel.line, () => this.#enter(join));
    return join.pending();
  }

  leave({ appId, channel: name, userId, isCountPublished }: LeaveRequest): Pending {
    const channel = this.#writes.channels.get(`${appId}/${name}`);
    if (channel === undefined) throw new Error(`${name} was left by who was never in it`);
    channel.isCountPublished = isCountPublished;
    const goneUserId = this.#takeOut(channel, userId);
    if (!this.#uplink.isReady) {
      this.#writes.unsure.add(channel);
      return undefined;
    }
    if (goneUserId === null && channel.subscriptions > 0) {
      this.#writes.countLater(channel);
      return undefined;
    }
    // Nobody will follow the line, and users may have left while the engine was unreachable.
    const how = channel.subscriptions === 0 ? this.#returns.get(channel) : undefined;
    if (how !== undefined && this.#returns.delete(channel)) this.#writes.sync(channel, null, how.isDataLost);
    return new Promise<void>((resolve) => this.#writes.contribute(channel, goneUserId, resolve));
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

  async channels(appId: string, prefix: string): Promise<ReadonlyMap<string, ChannelCounts>> {
    const names = this.#engine.channelNames(appId).filter((name) => name.startsWith(prefix));
    return new Map(names.map((name) => [name, this.#engine.counts(appId, name)]));
  }

  async counts(appId: string, channel: string): Promise<ChannelCounts> {
    return this.#engine.counts(appId, channel);
  }

  async members(appId: string, channel: string): Promise<readonly MemberInfo[]> {
    return this.#engine.members(appId, channel);
  }

  async onlineUsers(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#engine.users.online(appId, userIds);
  }

  /** Members in their grace are swept later, by the next node that renews a lease. */
  sweep(session: string, goneMs: number): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const away = () => reject(new Error("The engine became unreachable during a sweep"));
      this.#uplink.command(
        (engine) => engine.leftBy(session),
        (left) => {
          const isKept = ({ appId, channel }: EngineChannel) => this.#graceOf(appId, channel) > goneMs;
          const kept = left.channels.filter(isKept);
          const channels = left.channels.filter((one) => !isKept(one));
          const users = left.users.filter((key) => !kept.some((channel) => isMember(channel, session, key)));
          if (channels.length === 0 && users.length === 0) {
            const graces = kept.map(({ appId, channel }) => this.#graceOf(appId, channel));
            return resolve(kept.length === 0 ? null : Math.min(...graces) - goneMs);
          }
          for (const { appId, channel } of channels)
            this.#writes.ask((engine) => engine.sweepChannel(session, appId, channel), null);
          for (const key of users) {
            const [appId = "", userId = ""] = key.split("/#");
            const user = { session, appId, userId, notifiesWatchers: true };
            this.#writes.ask((engine) => engine.users.set(user, false, false), null);
          }
          // Again, until nothing is left.
          this.sweep(session, goneMs).then(resolve, reject);
        },
        away,
      );
    });
  }

  async enterAgain(): Promise<void> {
    for (const channel of this.#writes.channels.values()) this.#writes.sync(channel, null, false);
    this.#users.enterAgain(false);
    this.#users.askAgain();
  }

  lost(): void {
    for (const join of [...this.#joins.values()]) this.#enterAlone(join);
    this.#joins.clear();
    for (const channel of this.#writes.channels.values()) this.#writes.unsure.add(channel);
    this.#users.lost();
  }

  /** Each channel is entered again once its line is followed, so that no message is lost in between. */
  ready({ isDataLost, wasCut }: Return): void {
    for (const channel of [...this.#writes.channels.values()]) {
      this.#writes.unsure.delete(channel);
      if (channel.subscriptions === 0) this.#writes.sync(channel, null, isDataLost);
      else this.#returns.set(channel, { isDataLost, wasCut });
      if (wasCut) channel.hold();
    }
    this.#users.enterAgain(isDataLost);
    if (!isDataLost) return;
    this.#process.clock.after(graceMs, () => {
      if (this.#uplink.isReady) void this.enterAgain();
    });
  }

  /** Called before work that waits for the line. */
  followed(line: string): void {
    this.#users.followed(line);
    const channel = this.#writes.channels.get(line);
    const how = channel === undefined ? undefined : this.#returns.get(channel);
    if (channel === undefined || how === undefined) return;
    this.#returns.delete(channel);
    this.#writes.sync(channel, how.wasCut ? channel.position : null, how.isDataLost);
  }

  receive(line: string, message: LineMessage): void {
    const channel = this.#writes.channels.get(line);
    switch (message.type) {
      case "joined":
        this.#answered(message.token, message.joined);
        return;
      case "synced":
        channel?.synced(message.answer);
        return;
      case "user":
      case "watched":
        this.#users.receive(line, message.isOnline);
        return;
      default:
        channel?.receive(message);
    }
  }

  #enter(join: WaitingJoin): void {
    const { request, channel } = join;
    if (!this.#uplink.isReady) {
      this.#enterAlone(join);
      return;
    }
    if (request.member === null && request.bounds === null) {
      join.finish({ outcome: "joined", members: [], history: null });
      if (channel.reportedCount === 0) this.#writes.contribute(channel, null);
      else this.#writes.countLater(channel);
      return;
    }
    this.#tokens += 1;
    const token = this.#tokens;
    this.#joins.set(token, join);
    const count = channel.subscriptions;
    channel.reportedCount = count;
    const { session } = this.#uplink;
    this.#writes.ask((engine) => engine.join(this.#lines, token, session, request, count), channel);
  }

  #enterAlone(join: WaitingJoin): void {
    const { request, channel } = join;
    const members = channel.enterAlone(request.member, request.membersMax);
    this.#writes.unsure.add(channel);
    if (members === null) {
      this.#takeOut(channel, request.member?.userId ?? null);
      join.finish({ outcome: "full" });
      return;
    }
    const history = request.bounds === null ? null : ({ outcome: "unavailable" } as const);
    join.finish({ outcome: "joined", members, history });
  }

  #answered(token: number, joined: Joined): void {
    const join = this.#joins.get(token);
    if (join === undefined) return;
    this.#joins.delete(token);
    const { request, channel } = join;
    if (joined.outcome === "full") {
      const goneUserId = this.#takeOut(channel, request.member?.userId ?? null);
      if (channel.subscriptions === 0) this.#writes.contribute(channel, goneUserId);
      else this.#writes.countLater(channel);
      join.finish(joined);
      return;
    }
    channel.standAt(joined.history);
    join.finish({ ...joined, members: channel.membersFor(request.member, joined.members) });
  }

  /** Returns the user if this was their last connection on this node. */
  #takeOut(channel: SimChannel, userId: string | null): string | null {
    channel.subscriptions -= 1;
    const isGone = userId !== null && channel.removeUser(userId);
    if (channel.subscriptions === 0) channel.forget();
    this.#lines.unfollow(channel.line);
    return isGone ? userId : null;
  }

  #report({ changes }: Reply): void {
    for (const change of changes) this.#onChange(change);
  }

  #channel({ appId, channel: name }: JoinRequest): SimChannel {
    const line = `${appId}/${name}`;
    let channel = this.#writes.channels.get(line);
    if (channel === undefined) {
      channel = new SimChannel(appId, name, this.#listener);
      this.#writes.channels.set(line, channel);
    }
    return channel;
  }
}

/** @param key the key of a signed-in user, see EngineUsers */
function isMember({ appId, users }: EngineChannel, session: string, key: string): boolean {
  return [...users].some(([userId, { sessions }]) => sessions.has(session) && key === `${appId}/#${userId}`);
}
