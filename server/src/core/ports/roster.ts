/**
 * Who is in a channel and who is signed in, across nodes.
 *
 * The roster knows nodes, not sockets. What it keeps of a node is absolute: how many subscriptions the node has in a
 * channel, and which users are there through it. Saying it twice changes nothing, so a node may enter everything again
 * whenever it is in doubt. Example of what goes wrong otherwise: a node says "one more", the link breaks before the
 * answer, it says "one more" again, and the channel is occupied for ever.
 *
 * Inside a node the supplier counts the subscriptions and each user's connections itself, from `join` and `leave`.
 *
 * On one node (memory supplier) a call does everything before it returns: the changes are told, the entries are given to
 * the line's listener, `entered` is called, and no promise is returned. The order of a join is: `channel_occupied`,
 * `memberAdded` on the line, `member_added`, `entered`, the count. The order of a leave is: `memberRemoved` on the line,
 * `member_removed`, the count, `channel_vacated`.
 * On many nodes (Redis supplier) only what changes the engine's state travels: a node's first and last subscription in a
 * channel, a user's first and last connection on a node, and a join that has to read history. The number of subscriptions
 * in between is told in one write every 100 ms. What one call changes, and the entries that tell it, are one step of the
 * engine.
 */
import type { MemberInfo } from "../../protocol/server-message.ts";
import type { CatchUp, HistoryBounds, JoinedHistory } from "./history.ts";
import type { Pending } from "./line.ts";

export interface Roster {
  /**
   * Enters a connection of this node into a channel, and follows the channel's line first.
   *
   * `entered` is called exactly once, synchronously, at the point of the channel's line where the join took its place:
   * the listener has been given every entry before that point, and gets every entry behind it after `entered` has
   * returned. So `entered` tells the client that it is subscribed, sends what `joined` holds, and lets the connection in
   * to what is live, all before it returns. A promise in between is already too late: the next entries are handled first.
   *
   * The joiner is in `members` itself. The `memberAdded` that it causes is before its point of the line, so the joiner
   * does not hear of itself. Its subscription count is behind it, so it hears that.
   *
   * Of the calls of one node for one channel, `join` and `leave` take effect in the order in which they were made.
   *
   * While the engine is away `entered` is called all the same, at once, with the members that this node knows and with
   * history `unavailable`. When the engine is back the differences come down the line as ordinary entries.
   *
   * What `entered` throws is thrown by `join`, or rejects its promise. The promise resolves after `entered` has returned.
   */
  join(request: JoinRequest, entered: (joined: Joined) => void): Pending;

  /**
   * Takes a connection of this node out again: once for each join that was `joined`. The caller has stopped to deliver
   * to it before. The line is no longer followed after the last one, some seconds later.
   * Never rejects because the engine is away: the engine is told when it is back.
   */
  leave(request: LeaveRequest): Pending;

  /** A connection of this node is signed in as the user. `isTold`: those who watch the user are told of a change. */
  userConnected(appId: string, userId: string, isTold: boolean): Pending;
  /** Such a connection is gone: once for each `userConnected`. Neither of the two rejects because the engine is away. */
  userDisconnected(appId: string, userId: string, isTold: boolean): Pending;

  /**
   * Watches users from this node: once it is done, `isOnline` knows each of them, and each change comes to the line's
   * listener as `userOnline`. Calls are counted for each user, as those of `Broker.follow`.
   */
  watch(appId: string, userIds: readonly string[]): Pending;
  unwatch(appId: string, userIds: readonly string[]): void;

  /**
   * Whether a watched user is signed in, as this node's listener has been told so far. Who reads it and starts to
   * deliver in the same turn of the loop misses no change and tells none twice.
   */
  isOnline(appId: string, userId: string): boolean;

  /** Called on exactly one node of the cluster for each change: the one that caused it, or that swept a dead node. */
  onChange(listener: (change: RosterChange) => void): void;

  /** Occupied channels whose name starts with the prefix, in no order. @throws EngineAway */
  channels(appId: string, prefix: string): Promise<ReadonlyMap<string, ChannelCounts>>;
  /** Zeros where nobody is. Calls within one turn of the loop go to the engine together. @throws EngineAway */
  counts(appId: string, channel: string): Promise<ChannelCounts>;
  /** Everybody in a presence channel. @throws EngineAway */
  members(appId: string, channel: string): Promise<readonly MemberInfo[]>;
  /** Those of the users who are signed in now, watched or not. @throws EngineAway */
  onlineUsers(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Takes out everything that a node contributed, as if each of its connections had left: with the entries on the lines
   * and with the changes, which are told on the node that sweeps. Resolves when nothing of that node is left. May be
   * called again and by several nodes at once: each change is still told once.
   * @throws EngineAway
   */
  sweep(nodeId: string): Promise<void>;

  /**
   * Says again everything that this node contributes, since others may have swept it meanwhile. Whoever is new to the
   * engine by this is announced. Then the subscribers of this node are told, as ordinary entries, how the members that
   * they know differ from those who are there.
   */
  enterAgain(): Promise<void>;
}

export interface JoinRequest {
  readonly appId: string;
  readonly channel: string;
  /** On presence channels the member that the connection is; null elsewhere. */
  readonly member: MemberInfo | null;
  /** A user who is not there yet is refused where this many are. Of no meaning without a member. At least 1. */
  readonly membersMax: number;
  /** Whether changes of the subscription count are told: see `subscriptionCountPace`. */
  readonly isCountTold: boolean;
  /** Of the channel's rule; null: the channel keeps no history, and `Joined.history` is null. */
  readonly bounds: HistoryBounds | null;
  /** What to send of the history; null: nothing, only the position is answered. Of no meaning without bounds. */
  readonly catchUp: CatchUp | null;
}

export type Joined =
  | {
      readonly outcome: "joined";
      /**
       * Everybody in the presence channel at this point of the line, the joiner included, each user once, with the info
       * that the user's first connection brought. Empty on other channels.
       */
      readonly members: readonly MemberInfo[];
      /** Null where the request had no bounds. */
      readonly history: JoinedHistory | null;
    }
  /** The presence channel has its members, and this user is none of them. Nothing was changed. */
  | { readonly outcome: "full" };

export interface LeaveRequest {
  readonly appId: string;
  readonly channel: string;
  /** The member that the connection was; null on channels that are not presence channels. */
  readonly userId: string | null;
  readonly isCountTold: boolean;
}

/**
 * How often the subscription count of one channel is told, in the whole cluster: after each join and each leave, within
 * 100 ms, where it is at most `largeFrom`; else at most once each `largeIntervalMs`, the newest count at the end of that
 * time. Who decides is the engine, in the step that changes the count, so that several nodes do not tell it each.
 */
export const subscriptionCountPace = { largeFrom: 100, largeIntervalMs: 5_000 } as const;

/**
 * What webhooks, metrics and the live feed are told once.
 *
 * `revision` grows with each change of the same channel or user, in the order of the engine, also from one occupation
 * of a channel to the next. Changes of one channel may be told on different nodes, and then a later one can be told
 * earlier: who needs the order compares revisions. Example of what goes wrong without it: the last subscriber leaves on
 * node A and another comes on node B; B tells `channel_occupied` first, A tells `channel_vacated` after it, and whoever
 * listens takes the channel for empty.
 */
export type RosterChange = { readonly appId: string; readonly revision: number } & (
  | { readonly type: "channel_occupied"; readonly channel: string }
  | { readonly type: "channel_vacated"; readonly channel: string }
  | { readonly type: "member_added"; readonly channel: string; readonly userId: string }
  | { readonly type: "member_removed"; readonly channel: string; readonly userId: string }
  | { readonly type: "subscription_count"; readonly channel: string; readonly subscriptionCount: number }
  | { readonly type: "user_online"; readonly userId: string }
  | { readonly type: "user_offline"; readonly userId: string }
);

export interface ChannelCounts {
  /** Connections subscribed. */
  readonly subscriptionCount: number;
  /** Distinct users; 0 where the channel is not a presence channel. */
  readonly userCount: number;
}
