/**
 * The channels that this node follows: their lines, and the contributions that the node writes again after a lost connection.
 * Shared by the broker and the roster.
 */
import { randomUUID } from "node:crypto";
import type { Broker, LineGap } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { CatchUp, HistoryBounds } from "../core/ports/history.ts";
import type { LineListener } from "../core/ports/line.ts";
import { FollowedChannel } from "./followed-channel.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { Change, RedisChanges } from "./redis-changes.ts";
import { RedisContributions } from "./redis-contributions.ts";
import type { Answer, Origin } from "./redis-line.ts";
import type { RedisLink } from "./redis-link.ts";

/**
 * How long a channel without subscribers on this node is still followed, so that a page reload causes no work in
 * Redis.
 */
const lingerMs = 5_000;
/** The time in which all nodes enter their contributions again after Redis lost its data. */
const enteredAgainMs = 10_000;
/** The maximum missed events that a node reads for one channel after a lost connection. */
const missedMax = 10_000;
/** The maximum concurrent contributions, so that a large node does not overload Redis. */
const contributionsAtOnce = 500;

/** How long the link is back before an own event can no longer arrive that was delivered locally. */
const deliveredKeptMs = 600_000;

export type ReportChanges = (channel: FollowedChannel, changes: readonly Change[]) => void;

export class RedisChannels {
  readonly #link: RedisLink;
  readonly #changes: RedisChanges;
  readonly contributions: RedisContributions;
  readonly #clock: Clock;
  readonly #channels = new Map<string, FollowedChannel>();
  /**
   * Sequence numbers of own events that were delivered locally although the engine may have them: see
   * `Broker.publish`. Such an event may arrive twice: with the missed events, and on the line.
   */
  readonly #deliveredLocally = new Set<number>();
  #lastToken = 0;
  #line: LineListener | null = null;
  #onGap: (gap: LineGap) => void = () => undefined;
  #reportChanges: ReportChanges = () => undefined;
  #onForgotten: (channel: FollowedChannel) => void = () => undefined;
  #brokeAtMs: number | null = null;
  entriesIn = 0;
  /** How often the lines broke and were followed again. */
  gaps = 0;
  /** Entries of a kind that this version does not know. */
  ignored = 0;

  constructor(link: RedisLink, changes: RedisChanges, clock: Clock) {
    this.#link = link;
    this.#changes = changes;
    this.contributions = new RedisContributions(link);
    this.#clock = clock;
    link.onDown(() => this.#broke());
    if (!link.isSharded) void link.follow([link.keys.answers(link.nodeId)], this.#onAnswer);
  }

  listen(listener: LineListener): void {
    this.#line = listener;
  }

  onGap(listener: Parameters<Broker["onGap"]>[0]): void {
    this.#onGap = listener;
  }

  /** Sets the function that reports a channel's changes made by a contribution. */
  onChanges(report: ReportChanges): void {
    this.#reportChanges = report;
  }

  /** Sets the function that is called when a channel is no longer followed. */
  onForgotten(listener: (channel: FollowedChannel) => void): void {
    this.#onForgotten = listener;
  }

  get line(): LineListener {
    if (this.#line === null) throw new Error("The lines were used before listen() was called");
    return this.#line;
  }

  find(appId: string, name: string): FollowedChannel | undefined {
    return this.#channels.get(this.#link.keys.channel(appId, name));
  }

  /**
   * Returns the channel, created if this node does not follow it. The caller must follow it in the same turn of the
   * event loop.
   */
  open(appId: string, name: string): FollowedChannel {
    const key = this.#link.keys.channel(appId, name);
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const channel: FollowedChannel = new FollowedChannel(
      { appId, name, key },
      () => this.line,
      (origin) => this.#isLate(channel, origin),
    );
    this.#channels.set(key, channel);
    return channel;
  }

  /** Whether it is an own event that this node has already delivered. Notes an own event as arrived. */
  #isLate(channel: FollowedChannel, { nodeId, sequence }: Origin): boolean {
    if (!this.#link.nodeId.startsWith(nodeId)) return false;
    channel.arrivedSequence = Math.max(channel.arrivedSequence, sequence);
    return this.#deliveredLocally.has(sequence);
  }

  /** The line of the answers to this node's joins of the channel: on the connection of the channel's line, in order. */
  answersLine({ key }: Pick<FollowedChannel, "key">): string {
    const { keys, nodeId, isSharded } = this.#link;
    return isSharded ? keys.answersOf(key, nodeId) : keys.answers(nodeId);
  }

  /** Identifies an answer to this node. */
  newToken(): string {
    this.#lastToken += 1;
    return String(this.#lastToken);
  }

  /** Follows the line of the channel, and with `withAnswers` the line of the answers to this node. */
  follow(channel: FollowedChannel, withAnswers: boolean): Promise<void> {
    const { key } = channel;
    channel.following ??= this.#link.follow([key], (text) => this.#onEntry(channel, text));
    if (!withAnswers || channel.hasAnswers || !this.#link.isSharded) return channel.following;
    channel.hasAnswers = true;
    const answers = this.#link.follow([this.answersLine(channel)], this.#onAnswer);
    channel.following = Promise.all([channel.following, answers]).then(() => undefined);
    return channel.following;
  }

  #onEntry(channel: FollowedChannel, text: string): void {
    this.entriesIn += 1;
    if (!channel.handle(text)) this.ignored += 1;
  }

  /** The first line of an answer is the key of its channel. */
  readonly #onAnswer = (text: string): void => {
    const end = text.indexOf("\n");
    const channel = this.#channels.get(text.slice(0, end));
    if (channel !== undefined) this.#onEntry(channel, text.slice(end + 1));
  };

  /** Stops following an idle channel after some seconds, unless it is used again by then. */
  lingerIfIdle(channel: FollowedChannel): void {
    if (channel.isIdle) this.#clock.after(lingerMs, () => this.#forget(channel));
  }

  deliveredLocally(sequence: number): void {
    this.#deliveredLocally.add(sequence);
  }

  /** An event that Redis received arrives soon after the link is back, or never. */
  #forgetDelivered(): void {
    const delivered = [...this.#deliveredLocally];
    if (delivered.length === 0) return;
    this.#clock.after(deliveredKeptMs, () => {
      for (const sequence of delivered) this.#deliveredLocally.delete(sequence);
    });
  }

  /** The script arguments for the requested history of a join; empty if the channel has no history. */
  historyArgs(bounds: HistoryBounds | null, catchUp: CatchUp | null): string[] {
    if (bounds === null) return [];
    const head = [this.newEpoch(), String(bounds.eventsMax), String(bounds.ageMsMax)];
    if (catchUp === null) return [...head, "none", "", "0", "0", "0"];
    if (catchUp.type === "rewind")
      return [...head, "rewind", "", "0", String(catchUp.eventsMax), String(catchUp.ageMsMax)];
    const { epoch, offset } = catchUp.after;
    return [...head, "recover", epoch, String(offset), String(catchUp.eventsMax), "0"];
  }

  /**
   * The epoch of a history that begins with this call: Redis may lose its data any number of times while this node
   * lives.
   */
  newEpoch(): string {
    return randomUUID().slice(0, 13);
  }

  /** Writes this node's contributions to each channel again, and delivers what its subscribers missed. */
  async enterAgain(isDataLost: boolean): Promise<void> {
    const fromMs = this.#brokeAtMs;
    this.#brokeAtMs = null;
    const lost = new Map<string, number>();
    const channels = [...this.#channels.values()];
    for (let index = 0; index < channels.length; index += contributionsAtOnce) {
      const group = channels.slice(index, index + contributionsAtOnce);
      const whole = await Promise.all(group.map((channel) => this.#contribute(channel, isDataLost)));
      for (const [index, { appId }] of group.entries())
        if (whole[index] === false) lost.set(appId, (lost.get(appId) ?? 0) + 1);
    }
    this.#forgetDelivered();
    if (fromMs !== null) this.gaps += 1;
    if (fromMs !== null) this.#onGap({ fromMs, toMs: this.#clock.now(), channels: lost });
    // The members can be compared only after all other nodes have entered their contributions again.
    if (isDataLost) this.#clock.after(enteredAgainMs, () => void this.#compare());
  }

  async #compare(): Promise<void> {
    for (const channel of [...this.#channels.values()])
      if (channel.knowsMembers) await this.#contribute(channel, false);
  }

  /** @returns false if subscribers of this node may have missed events of the channel */
  async #contribute(channel: FollowedChannel, isDataLost: boolean): Promise<boolean> {
    if (channel.subscriptions > 0) {
      // Another node may have swept this one, and its set with it.
      channel.isListed = false;
      await this.contributions.list(channel);
    }
    const { subscriptions, bounds, position } = channel;
    const wantsAnswer = channel.knowsMembers || position !== null;
    const token = wantsAnswer ? this.newToken() : "";
    let isWhole = subscriptions === 0;
    let answered: Promise<void> | undefined;
    if (wantsAnswer) {
      const { promise, resolve } = Promise.withResolvers<void>();
      answered = promise;
      channel.await(token, (answer) => {
        if (answer !== null) isWhole = this.#restore(channel, answer, isDataLost);
        resolve();
      });
    }
    const catchUp: CatchUp | null =
      position === null ? null : { type: "recover", after: position, eventsMax: missedMax };
    try {
      channel.writtenCount = subscriptions;
      const args = [
        this.#link.nodeId,
        String(subscriptions),
        token,
        this.answersLine(channel),
        channel.usersJson(),
        isDataLost ? "1" : "0",
        ...this.historyArgs(bounds, catchUp),
      ];
      await this.#changes.run("contribute", channel.key, args, (changes) =>
        this.#reportChanges(channel, changes),
      );
      channel.isUnsure = false;
      // A later join or leave may have written another count meanwhile.
      channel.isContributing = channel.writtenCount !== 0;
      channel.markAllReported();
      await answered;
    } catch (error) {
      ignoreUnreachable(error);
    }
    this.lingerIfIdle(channel);
    return isWhole;
  }

  #restore(channel: FollowedChannel, answer: Answer, isDataLost: boolean): boolean {
    if (!isDataLost && answer.members !== null) channel.correct(answer.members);
    return channel.catchUp(answer);
  }

  #broke(): void {
    this.#brokeAtMs ??= this.#clock.now();
    for (const channel of this.#channels.values()) channel.broke();
  }

  #forget(channel: FollowedChannel): void {
    // Keep it while Redis does not know yet that this node left, or if it is used again.
    if (!channel.isIdle || channel.isContributing || channel.isUnsure) return;
    if (this.#channels.get(channel.key) !== channel) return;
    this.#channels.delete(channel.key);
    this.#onForgotten(channel);
    const names = channel.hasAnswers ? [channel.key, this.answersLine(channel)] : [channel.key];
    this.#link.unfollow(names);
    // A join that found the channel full has listed it.
    if (channel.isListed) this.contributions.unlist(channel).catch(ignoreUnreachable);
  }
}
