/**
 * The engine that all nodes of a run share. Each call is one atomic step, as in Redis. The engine records its steps, which
 * the invariants use.
 */
import type { HistoryBounds, Position } from "../../src/core/ports/history.ts";
import type { LineEvent } from "../../src/core/ports/line.ts";
import {
  type ChannelCounts,
  type Joined,
  type JoinRequest,
  type RosterChange,
  subscriptionCountPace,
} from "../../src/core/ports/roster.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";
import { type EngineChannel, total } from "./engine-channel.ts";
import { EngineHistory } from "./engine-history.ts";
import {
  type BusMessage,
  busLine,
  type Contribution,
  type LineEnd,
  type Reply,
  type Unnumbered,
} from "./engine-messages.ts";
import { EngineUsers } from "./engine-users.ts";
import { SimLeases } from "./sim-leases.ts";
import { answer, SimPubSub } from "./sim-pub-sub.ts";
import type { World } from "./world.ts";

export interface Sequenced {
  readonly id: string;
  readonly atMs: number;
  readonly isKept: boolean;
}

export class SimEngine {
  readonly lines = new SimPubSub();
  readonly leases: SimLeases;
  readonly users: EngineUsers;
  readonly #world: World;
  #channels = new Map<string, EngineChannel>();
  #history: EngineHistory;
  #revision = 0;
  /** Every event that was sequenced, in order, by line. */
  readonly log = new Map<string, Sequenced[]>();
  /** Every change, in order. */
  readonly changes: RosterChange[] = [];
  /** The time of each change, by revision. */
  readonly changedAtMs = new Map<number, number>();

  constructor(world: World) {
    this.#world = world;
    this.#history = new EngineHistory(world);
    this.leases = new SimLeases(world);
    this.users = new EngineUsers(this.lines, this.leases, (change) => this.#record(change));
  }

  /** Like a restart without persistent data. */
  loseEverything(): void {
    this.#channels = new Map();
    this.users.loseEverything();
    this.#history = new EngineHistory(this.#world);
    this.leases.loseEverything();
  }

  publish(
    name: { readonly appId: string; readonly channel: string },
    id: string,
    event: LineEvent,
    bounds: HistoryBounds | null,
  ): Position | null {
    const line = `${name.appId}/${name.channel}`;
    const position = bounds === null ? null : this.#history.append(name, id, event, bounds);
    const log = this.log.get(line) ?? [];
    this.log.set(line, log);
    log.push({ id, atMs: this.#world.elapsedMs, isKept: position !== null });
    this.lines.send(line, { type: "event", id, event, position });
    return position;
  }

  broadcast(from: string, message: BusMessage): void {
    this.lines.send(busLine, { type: "bus", from, message });
  }

  join(end: LineEnd, token: number, session: string, request: JoinRequest, count: number): Reply {
    const { appId, channel: name, member, membersMax } = request;
    const line = `${appId}/${name}`;
    const channel = this.#channel(appId, name);
    const reply = (joined: Joined) => answer(end, line, { type: "joined", token, joined });
    if (member !== null && !channel.users.has(member.userId) && channel.users.size >= membersMax) {
      reply({ outcome: "full" });
      this.#forgetIfEmpty(line, channel);
      return { changes: [], countDueInMs: null };
    }
    const contribution = { session, appId, channel: name, count, isCountPublished: request.isCountPublished };
    return this.#change(contribution, false, (changes) => {
      if (member !== null) this.#addUser(channel, session, member, false, changes);
      reply({
        outcome: "joined",
        members: Array.from(channel.users.values(), ({ info }) => info),
        history: this.#history.join(channel, request),
      });
    });
  }

  /** Sets the session's count in the channel, and removes a user who left. */
  contribute(contribution: Contribution, goneUserId: string | null): Reply {
    return this.#change(contribution, false, (changes) => {
      const channel = this.#channel(contribution.appId, contribution.channel);
      if (goneUserId !== null) this.#removeUser(channel, contribution.session, goneUserId, changes);
    });
  }

  /** Sets the session's count and users, and sends the resulting state of the channel on the line of answers. */
  sync(
    end: LineEnd,
    contribution: Contribution,
    members: readonly MemberInfo[],
    { after, bounds, isSilent }: { after: Position | null; bounds: HistoryBounds | null; isSilent: boolean },
  ): Reply {
    const { appId, channel: name, session } = contribution;
    const line = `${appId}/${name}`;
    return this.#change(contribution, isSilent, (changes) => {
      const channel = this.#channel(appId, name);
      const userIds = new Set(members.map(({ userId }) => userId));
      for (const [userId, { sessions }] of [...channel.users])
        if (sessions.has(session) && !userIds.has(userId))
          this.#removeUser(channel, session, userId, changes);
      for (const member of members) this.#addUser(channel, session, member, isSilent, changes);
      const catchUp = after === null ? null : ({ type: "recover", after, eventsMax: 1_000 } as const);
      const history = bounds === null ? null : this.#history.read(channel, bounds, catchUp);
      const events = history?.outcome === "whole" ? history.events : [];
      answer(end, line, {
        type: "synced",
        answer: {
          members: Array.from(channel.users.values(), ({ info }) => info),
          history,
          ids: events.map((event) => this.#history.idOf(channel, history, event)),
          isSilent,
        },
      });
    });
  }

  /** The remaining contributions of the session: channels, and users by app. */
  leftBy(session: string): { readonly channels: EngineChannel[]; readonly users: string[] } {
    const channels = [...this.#channels.values()].filter(
      ({ counts, users }) =>
        counts.has(session) || [...users.values()].some((one) => one.sessions.has(session)),
    );
    const users = this.users.leftBy(session);
    if (channels.length === 0 && users.length === 0) this.leases.forget(session);
    return { channels, users };
  }

  sweepChannel(session: string, appId: string, name: string): Reply {
    const contribution = {
      session,
      appId,
      channel: name,
      count: 0,
      isCountPublished: !name.startsWith("presence-"),
    };
    return this.#change(contribution, false, (changes) => {
      const channel = this.#channel(appId, name);
      for (const userId of [...channel.users.keys()]) this.#removeUser(channel, session, userId, changes);
    });
  }

  counts(appId: string, name: string): ChannelCounts {
    const channel = this.#channels.get(`${appId}/${name}`);
    if (channel === undefined) return { subscriptionCount: 0, userCount: 0 };
    return { subscriptionCount: total(channel), userCount: channel.users.size };
  }

  members(appId: string, name: string): readonly MemberInfo[] {
    const channel = this.#channels.get(`${appId}/${name}`);
    return channel === undefined ? [] : Array.from(channel.users.values(), ({ info }) => info);
  }

  channelNames(appId: string): string[] {
    return [...this.#channels.values()].flatMap((one) =>
      one.appId === appId && total(one) > 0 ? [one.channel] : [],
    );
  }

  /** One atomic step on a channel: sets the contribution, runs `work`, and publishes the count. */
  #change(
    { session, appId, channel: name, count, isCountPublished }: Contribution,
    isSilent: boolean,
    work: (changes: RosterChange[]) => void,
  ): Reply {
    const line = `${appId}/${name}`;
    const channel = this.#channel(appId, name);
    const changes: RosterChange[] = [];
    const before = total(channel);
    if (count === 0) channel.counts.delete(session);
    else channel.counts.set(session, count);
    this.leases.record(session);
    const after = total(channel);
    if (before === 0 && after > 0 && !isSilent)
      changes.push(this.#record({ type: "channel_occupied", appId, channel: name }));
    work(changes);
    const countDueInMs = isCountPublished ? this.#publishCount(line, channel, after, changes) : null;
    if (before > 0 && after === 0)
      changes.push(this.#record({ type: "channel_vacated", appId, channel: name }));
    this.#forgetIfEmpty(line, channel);
    return { changes, countDueInMs };
  }

  #addUser(
    channel: EngineChannel,
    session: string,
    member: MemberInfo,
    isSilent: boolean,
    changes: RosterChange[],
  ): void {
    const { appId, channel: name } = channel;
    const { userId } = member;
    const known = channel.users.get(userId);
    if (known !== undefined) {
      known.sessions.add(session);
      return;
    }
    channel.users.set(userId, { info: member, sessions: new Set([session]) });
    if (isSilent) return;
    this.lines.send(`${appId}/${name}`, { type: "member-added", member });
    changes.push(this.#record({ type: "member_added", appId, channel: name, userId }));
  }

  #removeUser(channel: EngineChannel, session: string, userId: string, changes: RosterChange[]): void {
    const { appId, channel: name } = channel;
    const known = channel.users.get(userId);
    if (known?.sessions.delete(session) !== true || known.sessions.size > 0) return;
    channel.users.delete(userId);
    this.lines.send(`${appId}/${name}`, { type: "member-removed", userId });
    changes.push(this.#record({ type: "member_removed", appId, channel: name, userId }));
  }

  #publishCount(line: string, channel: EngineChannel, count: number, changes: RosterChange[]): number | null {
    const { largeFrom, largeIntervalMs } = subscriptionCountPace;
    const nowMs = this.#world.now();
    const dueInMs = channel.countPublishedAtMs + largeIntervalMs - nowMs;
    if (count > largeFrom && channel.publishedCount > largeFrom && dueInMs > 0) return dueInMs;
    channel.countPublishedAtMs = nowMs;
    channel.publishedCount = count;
    this.lines.send(line, { type: "count", subscriptionCount: count });
    const { appId, channel: name } = channel;
    const change = { type: "subscription_count", appId, channel: name, subscriptionCount: count } as const;
    changes.push(this.#record({ ...change }));
    return null;
  }

  #channel(appId: string, name: string): EngineChannel {
    const line = `${appId}/${name}`;
    let channel = this.#channels.get(line);
    if (channel === undefined) {
      channel = {
        appId,
        channel: name,
        counts: new Map(),
        users: new Map(),
        missedAt: null,
        countPublishedAtMs: 0,
        publishedCount: 0,
      };
      this.#channels.set(line, channel);
    }
    return channel;
  }

  #forgetIfEmpty(line: string, { counts, users }: EngineChannel): void {
    if (counts.size === 0 && users.size === 0) this.#channels.delete(line);
  }

  #record(change: Unnumbered): RosterChange {
    this.#revision += 1;
    const numbered = { ...change, revision: this.#revision };
    this.changes.push(numbered);
    this.changedAtMs.set(numbered.revision, this.#world.elapsedMs);
    return numbered;
  }
}
