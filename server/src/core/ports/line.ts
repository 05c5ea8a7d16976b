/**
 * The line of a channel: all its events, member changes and counts, in the single order that the engine gave them.
 *
 * The engine is what all nodes share: the process's memory on a single node, a server such as Redis on many. A node
 * follows the lines of the channels in which it has subscribers. Each entry reaches every node that follows the line,
 * also the node that caused it. A node delivers an entry to its subscribers only when the entry arrives on the line.
 * So all subscribers of a channel, on every node, see events, members and counts in the same order.
 *
 * Example of what goes wrong otherwise: node A delivers its own event 1 immediately and forwards it to node B, while
 * node B does the same with event 2. A's clients see 1, 2 and B's clients see 2, 1.
 */
import type { MemberInfo } from "../../protocol/server-message.ts";
import type { Position } from "./history.ts";

/**
 * Undefined if the work is already done, else a promise that resolves when it is. A supplier that can do the work
 * within the call returns undefined, so that a single node has no cost of promises.
 */
export type Pending = Promise<void> | undefined;

/** One published event, encoded for one channel. */
export interface LineEvent {
  /**
   * The frame as clients receive it, with the channel's name. It is encoded at the first read and then stored; a
   * supplier without receivers does not read it.
   */
  readonly frame: string;
  /** The connection, on any node, that must not receive the event; null: all receive it. */
  readonly exceptSocketId: string | null;
  /** The member who sent a client event on a presence channel; null for all other events. */
  readonly userId: string | null;
}

/**
 * Receives the entries of all lines that this node follows, and delivers them to this node's subscribers. There is
 * one listener. A supplier calls it synchronously for each entry, in the order of each line; there is no order
 * between lines. It must not throw. It cannot wait: the next entry follows when it returns.
 */
export interface LineListener {
  /**
   * @param position of the event in the channel's history; null: the event is not stored
   * @returns the number of connections of this node that it was sent to
   */
  event(appId: string, channel: string, event: LineEvent, position: Position | null): number;
  /** The user's first connection in the whole cluster joined the presence channel. */
  memberAdded(appId: string, channel: string, member: MemberInfo): void;
  /** The user's last connection in the whole cluster left the presence channel. */
  memberRemoved(appId: string, channel: string, userId: string): void;
  /** The number of subscriptions that the channel has, in the whole cluster, at this point of the line. */
  subscriptionCount(appId: string, channel: string, subscriptionCount: number): void;
  /** The first connection of a user watched on this node signed in, or the last one closed. */
  userOnline(appId: string, userId: string, isOnline: boolean): void;
}
