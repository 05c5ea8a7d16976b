/** The state of a channel on a node: its own contributions, and what its subscribers received. */
import type { HistoryBounds, JoinedHistory, KeptEvent, Position } from "../../src/core/ports/history.ts";
import type { LineListener } from "../../src/core/ports/line.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";
import type { LineMessage, SyncAnswer } from "./engine-messages.ts";

interface OwnUser {
  readonly info: MemberInfo;
  connections: number;
}

export class SimChannel {
  readonly appId: string;
  readonly name: string;
  readonly line: string;
  readonly #listener: () => LineListener;
  /** Subscriptions of this node, including running joins. */
  subscriptions = 0;
  /** The part of them that was reported to the engine. */
  reportedCount = 0;
  readonly #users = new Map<string, OwnUser>();
  /** The members that this node's subscribers have; null while there are no subscribers. */
  #known: Map<string, MemberInfo> | null = null;
  /** Unanswered writes to the engine. */
  writesUnderWay = 0;
  bounds: HistoryBounds | null = null;
  isCountPublished = false;
  /** Whether the next write must include the count. */
  isDirty = false;
  #position: Position | null = null;
  /** Messages received on the line before the missed ones are known. */
  #held: LineMessage[] | null = null;
  /** Events that were delivered here before the engine ordered them, or without it. */
  readonly deliveredIds = new Set<string>();

  constructor(appId: string, name: string, listener: () => LineListener) {
    this.appId = appId;
    this.name = name;
    this.line = `${appId}/${name}`;
    this.#listener = listener;
  }

  get isPresence(): boolean {
    return this.name.startsWith("presence-");
  }

  get ownMembers(): MemberInfo[] {
    return Array.from(this.#users.values(), ({ info }) => info);
  }

  get position(): Position | null {
    return this.#position;
  }

  addUser(info: MemberInfo): void {
    const user = this.#users.get(info.userId) ?? { info, connections: 0 };
    user.connections += 1;
    this.#users.set(info.userId, user);
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

  /** Adds a member without the engine. Returns null if the channel is full. */
  enterAlone(member: MemberInfo | null, membersMax: number): readonly MemberInfo[] | null {
    if (member === null) return [];
    // Members with a running join were not sent to anybody yet.
    this.#known ??= new Map();
    if (!this.#known.has(member.userId) && this.#known.size >= membersMax) return null;
    this.#learn(member);
    return [...this.#known.values()];
  }

  /** The list for a joining connection: the members that this node's other subscribers have. */
  membersFor(member: MemberInfo | null, members: readonly MemberInfo[]): readonly MemberInfo[] {
    if (member === null) return [];
    this.#known ??= new Map(members.map((one) => [one.userId, one]));
    this.#learn(member);
    return [...this.#known.values()];
  }

  standAt(history: JoinedHistory | null): void {
    if (history !== null && history.outcome !== "unavailable") this.#position = history.position;
  }

  /** The line was lost and is followed again. Nothing is delivered until the missed messages are known. */
  hold(): void {
    if (this.#position !== null) this.#held ??= [];
  }

  /** The last subscriber left: the known members become outdated. */
  forget(): void {
    this.#known = null;
    this.#position = null;
    this.#held = null;
  }

  receive(message: LineMessage): void {
    if (this.#held !== null) this.#held.push(message);
    else this.#deliver(message);
  }

  synced({ members, history, ids, isSilent }: SyncAnswer): void {
    const held = this.#held ?? [];
    this.#held = null;
    if (this.subscriptions === 0) return;
    if (history?.outcome === "whole" && this.#position !== null) this.#catchUp(history.events, ids, held);
    this.standAt(history);
    for (const message of held) this.#deliver(message);
    if (!isSilent && this.isPresence) this.#correct(members);
  }

  /** Held messages arrived after the line was followed again, so all other events came before. */
  #catchUp(events: readonly KeptEvent[], ids: readonly string[], held: readonly LineMessage[]): void {
    const offsets = new Set(
      held.flatMap((message) => (message.type === "event" ? [message.position?.offset ?? 0] : [])),
    );
    for (const [index, event] of events.entries()) {
      if (offsets.has(event.offset)) continue;
      this.#deliver({ type: "event", id: ids[index] ?? "", event, position: null });
    }
  }

  #correct(members: readonly MemberInfo[]): void {
    // Without subscribers the line may not be followed, so the list would become outdated.
    if (this.#known === null) return;
    const truth = new Set(members.map(({ userId }) => userId));
    for (const userId of [...this.#known.keys()]) if (!truth.has(userId)) this.#unlearn(userId);
    for (const member of members) this.#learn(member);
  }

  #deliver(message: LineMessage): void {
    const { appId, name } = this;
    switch (message.type) {
      case "event":
        this.#position = message.position ?? this.#position;
        if (this.deliveredIds.delete(message.id)) return;
        this.#listener().event(appId, name, message.event, message.position);
        return;
      case "member-added":
        if (this.#known !== null) this.#learn(message.member);
        return;
      case "member-removed":
        this.#unlearn(message.userId);
        return;
      case "count":
        this.#listener().subscriptionCount(appId, name, message.subscriptionCount);
        return;
    }
  }

  #learn(member: MemberInfo): void {
    if (this.#known === null || this.#known.has(member.userId)) return;
    this.#known.set(member.userId, member);
    this.#listener().memberAdded(this.appId, this.name, member);
  }

  #unlearn(userId: string): void {
    if (this.#known?.delete(userId) === true) this.#listener().memberRemoved(this.appId, this.name, userId);
  }
}
