/**
 * The subscriptions and members of channels, and the signed-in users, across nodes.
 *
 * The engine stores absolute values for each node, not for each connection: how many subscriptions the node has in a
 * channel, and which users are present through it. Writing a value twice changes nothing, so a node may enter all its
 * values again whenever it is in doubt. Example of what goes wrong with increments: a node sends "one more", the
 * connection breaks before the answer, the node sends "one more" again, and the channel stays occupied forever.
 *
 * Inside a node the supplier counts the subscriptions and each user's connections itself, from `join` and `leave`.
 *
 * On one node (memory supplier) a call does everything before it returns: it reports the changes, passes the entries
 * to the line's listener, calls `entered`, and returns no promise. The order of a join is: `channel_occupied`,
 * `memberAdded` on the line, `member_added`, `entered`, the count. The order of a leave is: `memberRemoved` on the
 * line, `member_removed`, the count, `channel_vacated`.
 *
 * On many nodes (Redis supplier) the engine is called only for a node's first and last subscription in a channel, a
 * user's first and last connection on a node, and a join that reads history. Other changes of subscription counts are
 * written together every 100 ms. The engine makes the change of a call and appends its entries to the line in one
 * atomic step.
 */
import type { MemberInfo } from "../../protocol/server-message.ts";
import type { CatchUp, HistoryBounds, JoinedHistory } from "./history.ts";
import type { Pending } from "./line.ts";

export interface Roster {
  /**
   * Enters a connection of this node into a channel. Follows the channel's line first.
   *
   * `entered` is called exactly once, synchronously, at the join's point of the channel's line: the listener has
   * received every entry before that point, and receives every entry after it once `entered` has returned. So before
   * it returns, `entered` must confirm the subscription to the client, send the contents of `joined`, and subscribe
   * the connection to live events. It must not await: the next entries would be handled first.
   *
   * `members` includes the joining member. The `memberAdded` entry that the join causes is before its point of the
   * line, so the connection does not receive it. The subscription count is after that point, so the connection
   * receives it.
   *
   * The calls of `join` and `leave` that one node makes for one channel take effect in the order of the calls.
   *
   * While the engine is unreachable, `entered` is called immediately, with the members that this node knows and with
   * history `unavailable`. When the engine is back, the differences arrive on the line as ordinary entries.
   *
   * If `entered` throws, `join` throws the error or rejects with it. The promise resolves after `entered` has
   * returned.
   */
  join(request: JoinRequest, entered: (joined: Joined) => void): Pending;

  /**
   * Removes a connection of this node from a channel: called once for each join with the outcome `joined`. The caller
   * has already stopped delivering to the connection. Some seconds after the last connection left, the node stops
   * following the line. Never rejects because the engine is unreachable: the engine is updated when it is back.
   */
  leave(request: LeaveRequest): Pending;

  /**
   * A connection of this node signed in as the user. `notifiesWatchers`: clients that watch the user receive the
   * change.
   */
  userConnected(appId: string, userId: string, notifiesWatchers: boolean): Pending;
  /**
   * A signed-in connection closed: called once for each `userConnected`. Neither method rejects because the engine is
   * unreachable.
   */
  userDisconnected(appId: string, userId: string, notifiesWatchers: boolean): Pending;

  /**
   * Watches users from this node. Once done, `isOnline` returns the state of each of them, and the line's listener
   * receives each change as `userOnline`. Calls are counted for each user, like those of `Broker.follow`.
   */
  watch(appId: string, userIds: readonly string[]): Pending;
  unwatch(appId: string, userIds: readonly string[]): void;

  /**
   * Whether a watched user is signed in, after all changes that the listener has received so far. A caller that reads
   * it and starts to deliver in the same turn of the event loop misses no change and reports none twice.
   */
  isOnline(appId: string, userId: string): boolean;

  /**
   * The listener is called on exactly one node of the cluster for each change: the node that caused it, or the node
   * that swept a dead one.
   */
  onChange(listener: (change: RosterChange) => void): void;

  /** Occupied channels whose names start with the prefix, unordered. @throws EngineUnreachable */
  channels(appId: string, prefix: string): Promise<ReadonlyMap<string, ChannelCounts>>;
  /**
   * Zeros for an unoccupied channel. Calls within one turn of the event loop are sent to the engine together.
   * @throws EngineUnreachable
   */
  counts(appId: string, channel: string): Promise<ChannelCounts>;
  /** All members of a presence channel. @throws EngineUnreachable */
  members(appId: string, channel: string): Promise<readonly MemberInfo[]>;
  /** Which of the users are signed in now, watched or not. @throws EngineUnreachable */
  onlineUsers(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Removes the contributions of a node, as if each of its connections had left. It appends the entries to the lines and
   * reports the changes on the sweeping node. Members of a presence channel with a grace remain until the grace has
   * passed, and a signed-in user remains online while it is such a member through that node. May be called repeatedly
   * and by several nodes concurrently: each change is still reported once.
   * @param goneMs how long ago the node was last alive
   * @returns the milliseconds until the next grace passes; null: nothing of that node is left
   * @throws EngineUnreachable
   */
  sweep(nodeId: string, goneMs: number): Promise<number | null>;

  /**
   * Writes everything that this node contributes to the engine again, since others may have swept it. Members and
   * users that are new to the engine are announced. Then this node's subscribers receive, as ordinary entries, the
   * differences between the members that they know and the current ones.
   */
  enterAgain(): Promise<void>;
}

/** How long a disconnected member of a channel remains a member, in milliseconds; 0: not at all. */
export type GraceOf = (appId: string, channel: string) => number;

export interface JoinRequest {
  readonly appId: string;
  readonly channel: string;
  /** The member that joins a presence channel; null on other channels. */
  readonly member: MemberInfo | null;
  /** A user who is not yet a member is refused if there are this many members. Ignored without a member. At least 1. */
  readonly membersMax: number;
  /** Whether changes of the subscription count are sent to subscribers: see `subscriptionCountPace`. */
  readonly isCountPublished: boolean;
  /** The limits of the channel's rule; null: the channel has no history, and `Joined.history` is null. */
  readonly bounds: HistoryBounds | null;
  /** Which stored events to return; null: none, only the position. Ignored without bounds. */
  readonly catchUp: CatchUp | null;
}

export type Joined =
  | {
      readonly outcome: "joined";
      /**
       * All members of the presence channel at this point of the line, the joining one included: each user once, with
       * the info of the user's first connection. Empty on other channels.
       */
      readonly members: readonly MemberInfo[];
      /** Null if the request had no bounds. */
      readonly history: JoinedHistory | null;
    }
  /** The presence channel has `membersMax` members, and this user is not one of them. Nothing was changed. */
  | { readonly outcome: "full" };

export interface LeaveRequest {
  readonly appId: string;
  readonly channel: string;
  /** The member that leaves a presence channel; null on other channels. */
  readonly userId: string | null;
  readonly isCountPublished: boolean;
}

/**
 * How often the subscription count of a channel is sent, in the whole cluster. A count of at most `largeFrom`: within
 * 100 ms of each join and leave. A larger one: at most once in `largeIntervalMs`, with the newest count at the end of
 * that time. The engine decides in the step that changes the count, so that only one node sends it.
 */
export const subscriptionCountPace = { largeFrom: 100, largeIntervalMs: 5_000 } as const;

/**
 * A change that webhooks, metrics and the live feed receive once in the whole cluster.
 *
 * `revision` grows with each change of the same channel or user, in the order of the engine. It continues when a
 * vacated channel becomes occupied again. Different nodes may report changes of one channel, and a later change may
 * be reported first: compare revisions if the order matters. Example of what goes wrong without it: the last
 * subscriber leaves on node A, and another joins on node B. B reports `channel_occupied` first and A reports
 * `channel_vacated` second, so a listener considers the channel empty. Revisions also grow across restarts.
 *
 * `awayMs` is how long the channel was empty, or the user absent, by the engine's clock. It is set only if changes may
 * be reported out of order and it is less than ten seconds.
 */
export type RosterChange = { readonly appId: string; readonly revision: number } & (
  | { readonly type: "channel_occupied"; readonly channel: string; readonly awayMs?: number }
  | { readonly type: "channel_vacated"; readonly channel: string }
  | {
      readonly type: "member_added";
      readonly channel: string;
      readonly userId: string;
      readonly awayMs?: number;
    }
  | { readonly type: "member_removed"; readonly channel: string; readonly userId: string }
  | { readonly type: "subscription_count"; readonly channel: string; readonly subscriptionCount: number }
  | { readonly type: "user_online"; readonly userId: string; readonly awayMs?: number }
  | { readonly type: "user_offline"; readonly userId: string }
);

export interface ChannelCounts {
  /** Subscribed connections. */
  readonly subscriptionCount: number;
  /** Distinct users; 0 if the channel is not a presence channel. */
  readonly userCount: number;
}
