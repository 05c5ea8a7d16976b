/**
 * The line of a channel: everything that happened in the channel, in the one order that the engine gave it.
 *
 * The engine is what all nodes share: the memory of the process on a single node, a server such as Redis on many. A node
 * follows the lines of the channels that it has subscribers in. Each entry reaches every node that follows the line,
 * also the node that caused it, and reaches its subscribers there and only there. So all subscribers of a channel, on
 * every node, see events, members and counts in the same order.
 *
 * Example of what goes wrong without it: node A delivers its own publish at once and tells node B, while node B does the
 * same with another event. A's clients see 1, 2 and B's clients see 2, 1, for ever.
 */
import type { MemberInfo } from "../../protocol/server-message.ts";
import type { Position } from "./history.ts";

/**
 * Nothing to wait for, or a promise that resolves when the work is done. A supplier that can do the work within the call
 * returns undefined, so that one node alone pays for no promise.
 */
export type Pending = Promise<void> | undefined;

/** One published event, encoded for one channel. */
export interface LineEvent {
  /**
   * The frame as clients receive it, the channel's name included. Encoded when it is read for the first time and kept:
   * a supplier that has nobody to send it to does not read it.
   */
  readonly frame: string;
  /** The connection that must not receive it, on whichever node it is; null: all receive it. */
  readonly exceptSocketId: string | null;
  /** The member who sent it, of client events on presence channels; null elsewhere. */
  readonly userId: string | null;
}

/**
 * Takes the entries of all lines that this node follows, and gives them to this node's subscribers. There is one
 * listener. It is called synchronously, entry by entry, in the order of each line; lines have no order among each other.
 * It must not throw and cannot wait: the next entry is handed over when it returns.
 */
export interface LineListener {
  /** @param position the event's place in the channel's history; null: the event is not kept */
  event(appId: string, channel: string, event: LineEvent, position: Position | null): void;
  /** The first connection of a user, in the whole cluster, is in the presence channel. */
  memberAdded(appId: string, channel: string, member: MemberInfo): void;
  /** The last connection of a user, in the whole cluster, has left the presence channel. */
  memberRemoved(appId: string, channel: string, userId: string): void;
  /** How many subscriptions the channel has, in the whole cluster, at this point of the line. */
  subscriptionCount(appId: string, channel: string, subscriptionCount: number): void;
  /** A user who is watched on this node signed in with a first connection, or is gone with the last one. */
  userOnline(appId: string, userId: string, isOnline: boolean): void;
}
