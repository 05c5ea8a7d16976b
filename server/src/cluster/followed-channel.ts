/** The state of one channel on this node: the node's contributions, and the entries received on the line. */
import type { HistoryBounds, Position } from "../core/ports/history.ts";
import type { LineListener } from "../core/ports/line.ts";
import type { MemberInfo } from "../protocol/server-message.ts";
import { type Answer, decodeEntry, encodeMember, type LineEntry, type Origin } from "./redis-line.ts";

interface LocalUser {
  connections: number;
  readonly info: MemberInfo;
  /** Whether the user was reported to the engine, so that other nodes receive it, too. */
  isReported: boolean;
}

type EventEntry = Extract<LineEntry, { type: "event" }>;

/** The maximum events that wait while the missed events before them are read. */
const heldMax = 1_000;

export class FollowedChannel {
  readonly appId: string;
  readonly name: string;
  readonly key: string;
  /** Subscriptions of this node, including running joins. */
  subscriptions = 0;
  /** Calls of `Broker.follow` without their `unfollow`. */
  follows = 0;
  /** Resolves when the line is followed; null: the line is not followed. */
  following: Promise<void> | null = null;
  /** In a Redis Cluster: whether the channel's line of answers is followed, too. */
  hasAnswers = false;
  /** Whether the engine may have contributions of this node to this channel. */
  isContributing = false;
  /**
   * Whether users may have left while the engine was unreachable. Only `contribute` reports this to the engine, so the
   * channel is not forgotten before.
   */
  isUnsure = false;
  /** Whether the channel is in the engine's set of this node's contributions. */
  isListed = false;
  /** This node's subscriptions by the latest call to the engine; null: unknown. */
  writtenCount: number | null = null;
  /** The bounds of the latest join or publish that had any. */
  bounds: HistoryBounds | null = null;
  /** The sequence number of this node's newest event that arrived on the line; 0: none. */
  arrivedSequence = 0;
  readonly #users = new Map<string, LocalUser>();
  readonly #waiting = new Map<string, (answer: Answer | null) => void>();
  readonly #line: () => LineListener;
  /** True for an event that this node already delivered to its subscribers while the engine was unreachable. */
  readonly #isLate: (origin: Origin) => boolean;
  /** The members after the entries of the line so far; null if no join has needed them yet. */
  #known: Map<string, MemberInfo> | null = null;
  /** The position of the newest stored event that was delivered or skipped. */
  #position: Position | null = null;
  /** Stored events received after a lost connection, until the missed ones are read; null: none are missing. */
  #held: EventEntry[] | null = null;

  constructor(
    { appId, name, key }: { readonly appId: string; readonly name: string; readonly key: string },
    line: () => LineListener,
    isLate: (origin: Origin) => boolean,
  ) {
    this.appId = appId;
    this.name = name;
    this.key = key;
    this.#line = line;
    this.#isLate = isLate;
  }

  get isIdle(): boolean {
    return this.subscriptions === 0 && this.follows === 0 && this.#waiting.size === 0;
  }

  get position(): Position | null {
    return this.#position;
  }

  /**
   * The members for a joining connection: those that this node's other subscribers know now, so that all of them
   * receive the same later changes. A member whose own join is still running is not included: its entry follows.
   */
  membersFor(joiner: MemberInfo): readonly MemberInfo[] {
    this.#known ??= new Map();
    this.#applyAdded(joiner);
    return [...this.#known.values()];
  }

  /** Whether the channel has room for the member, as far as this node knows. */
  hasRoomFor({ userId }: MemberInfo, membersMax: number): boolean {
    return this.#known === null || this.#known.has(userId) || this.#known.size < membersMax;
  }

  get knowsMembers(): boolean {
    return this.#known !== null;
  }

  /** The users that this node contributes, as the argument of the script `contribute`. */
  usersJson(): string {
    return JSON.stringify(
      Array.from(this.#users, ([userId, { info, isReported }]) => [
        userId,
        encodeMember(info),
        isReported ? 1 : 0,
      ]),
    );
  }

  addUser(info: MemberInfo): void {
    const user = this.#users.get(info.userId);
    if (user === undefined) this.#users.set(info.userId, { connections: 1, info, isReported: false });
    else user.connections += 1;
  }

  /** Returns true if it was the user's last connection on this node. */
  removeUser(userId: string): boolean {
    const user = this.#users.get(userId);
    if (user === undefined) return false;
    user.connections -= 1;
    if (user.connections > 0) return false;
    this.#users.delete(userId);
    return true;
  }

  markReported(userId: string): void {
    const user = this.#users.get(userId);
    if (user !== undefined) user.isReported = true;
  }

  markAllReported(): void {
    for (const user of this.#users.values()) user.isReported = true;
  }

  /**
   * Waits for the answer with this token. Calls back synchronously with it, or with null if the connection is lost
   * before.
   */
  await(token: string, answered: (answer: Answer | null) => void): void {
    this.#waiting.set(token, answered);
  }

  /**
   * The connection was lost: waiting calls get no answer, and missed stored events must be read before new ones are
   * delivered.
   */
  broke(): void {
    this.isUnsure = true;
    this.isListed = false;
    this.writtenCount = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answered of waiting) answered(null);
    if (this.#position !== null) this.#held = [];
  }

  /** @returns false for an entry of a kind that this version does not know */
  handle(text: string): boolean {
    const entry = decodeEntry(text);
    if (entry === null) return false;
    switch (entry.type) {
      case "event":
        this.#handleEvent(entry);
        break;
      case "added":
        this.#applyAdded(entry.member);
        break;
      case "removed":
        this.#applyRemoved(entry.userId);
        break;
      case "count":
        this.#line().subscriptionCount(this.appId, this.name, entry.count);
        break;
      case "answer":
        this.#handleAnswer(entry.answer);
        break;
      default:
        entry satisfies never;
    }
    return true;
  }

  /** Sets the members, and passes the differences to the listener. */
  correct(members: readonly MemberInfo[]): void {
    const known = this.#known;
    if (known === null) return;
    const ids = new Set(members.map(({ userId }) => userId));
    for (const userId of [...known.keys()]) if (!ids.has(userId)) this.#applyRemoved(userId);
    for (const member of members) this.#applyAdded(member);
  }

  /**
   * Delivers the events missed while the connection was lost, then those received since.
   * @returns false if some of the missed events are lost
   */
  catchUp({ history }: Answer): boolean {
    const held = this.#held ?? [];
    this.#held = null;
    const isWhole = history?.outcome === "whole";
    if (isWhole) {
      const { epoch } = history.position;
      for (const { offset, frame, exceptSocketId, userId, origin } of history.events)
        if (origin === null || !this.#isLate(origin))
          this.#deliver({ frame, exceptSocketId, userId }, { epoch, offset });
    }
    if (history !== null && history.outcome !== "unavailable") this.#position = history.position;
    for (const entry of held) if (!isWhole || this.#isNew(entry)) this.#deliver(entry.event, entry.position);
    return isWhole;
  }

  #handleEvent(entry: EventEntry): void {
    if (this.#isLate(entry.origin)) {
      if (this.#held === null && this.#isNew(entry)) this.#position = entry.position ?? this.#position;
      return;
    }
    if (entry.position === null) this.#deliver(entry.event, null);
    else if (this.#held !== null && this.#held.length < heldMax) this.#held.push(entry);
    else if (this.#isNew(entry)) this.#deliver(entry.event, entry.position);
  }

  #handleAnswer(answer: Answer): void {
    const answered = this.#waiting.get(answer.token);
    if (answered === undefined) return;
    this.#waiting.delete(answer.token);
    if (!answer.isFull) {
      if (this.#known === null && answer.members !== null)
        this.#known = new Map(answer.members.map((member) => [member.userId, member]));
      const { history } = answer;
      if (this.#position === null && history !== null && history.outcome !== "unavailable")
        this.#position = history.position;
    }
    answered(answer);
  }

  #isNew({ position }: EventEntry): boolean {
    const last = this.#position;
    return (
      last === null || position === null || position.epoch !== last.epoch || position.offset > last.offset
    );
  }

  #deliver(event: EventEntry["event"], position: Position | null): void {
    if (position !== null) this.#position = position;
    this.#line().event(this.appId, this.name, event, position);
  }

  /** While the members are unknown no subscriber of this node has a list of them, so a repeated entry does no harm. */
  #applyAdded(member: MemberInfo): void {
    if (this.#known?.has(member.userId) === true) return;
    this.#known?.set(member.userId, member);
    this.#line().memberAdded(this.appId, this.name, member);
  }

  #applyRemoved(userId: string): void {
    if (this.#known !== null && !this.#known.delete(userId)) return;
    this.#line().memberRemoved(this.appId, this.name, userId);
  }
}
