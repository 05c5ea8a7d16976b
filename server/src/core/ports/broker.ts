/**
 * The events of channels: published once, heard on every node in one order, and kept where the channel's rule says so.
 *
 * On one node (memory supplier) the engine is this process. `publish` gives the event to the listener within the call
 * and returns no promise; `follow` and `unfollow` do nothing. History is in memory and ends with the process.
 * On many nodes (Redis supplier) the engine is a server. The event travels there and comes back down the line; the
 * publishing node delivers it when it comes back and not before.
 */
import type { HistoryBounds, HistoryPage, HistoryQuery, Position } from "./history.ts";
import type { LineEvent, LineListener, Pending } from "./line.ts";

export interface Broker {
  /** Sets the one listener of all lines. The entries of the roster come to it too. Called once, before anything else. */
  listen(listener: LineListener): void;

  /**
   * Puts an event on the line of a channel. Returns or resolves once the engine has given it its place, and has kept it
   * where `bounds` are given: from then on it is as safe as the engine is. It does not mean that subscribers have it.
   *
   * Order: events that one node publishes to one channel get their places in the order of the calls. Two calls for two
   * channels may be taken in any order.
   * Delivery: at most once to each subscriber, on the line, see `LineListener`.
   *
   * @param bounds null: the event is not kept and gets no position. The history that the channel has stays as it is.
   * The bounds of the latest publish or join hold for the whole history of the channel.
   *
   * While the engine is away one of two things happens, as the server is configured:
   * - the event goes to this node's subscribers at once, and the outcome is `local`;
   * - nothing is delivered, and the promise rejects with `EngineAway`.
   * An event that was under way when the engine went away may or may not have been taken. Under the first policy this
   * node's subscribers get it once in either case: a supplier knows its own events when they come down the line late.
   *
   * A supplier whose engine can be away always answers with a promise and never throws.
   */
  publish(
    appId: string,
    channel: string,
    event: LineEvent,
    bounds: HistoryBounds | null,
  ): Published | Promise<Published>;

  /**
   * Follows the line of a channel that has no roster, such as a user's own channel. For all other channels `Roster.join`
   * and `leave` do it. What the engine takes after `follow` is done comes to the listener.
   *
   * Calls are counted: a line is followed as long as there were more calls of `follow` than of `unfollow`. After the last
   * `unfollow` a supplier goes on for some seconds, so that a page that is loaded again costs the engine nothing. Calls
   * within one turn of the loop go to the engine together.
   * Never rejects because the engine is away: it is followed as soon as the engine is back.
   */
  follow(appId: string, channel: string): Pending;
  unfollow(appId: string, channel: string): void;

  /**
   * Reads what is kept of a channel. An empty page where there is no history: that is no error.
   *
   * @param bounds of the channel's rule as it is now: nothing beyond them is given, even where more is stored
   * @throws EngineAway
   */
  history(appId: string, channel: string, bounds: HistoryBounds, query: HistoryQuery): Promise<HistoryPage>;

  /**
   * Called when lines were broken and are followed again. Where a channel keeps history, a supplier has by then delivered
   * what was missed, in order; where it knows the members of a presence channel it has told the differences. What it
   * could not make good is in the gap. Memory never calls it.
   */
  onGap(listener: (gap: LineGap) => void): void;

  /** Why the engine cannot be used now, as a sentence for who runs the server; null: all is well. */
  readonly problem: string | null;
}

export type Published =
  | {
      /** The engine has taken it. */
      readonly outcome: "sequenced";
      /** Null where it is not kept. */
      readonly position: Position | null;
    }
  /** The engine is away, and only the subscribers of this node received it. Nobody else ever will. */
  | { readonly outcome: "local" };

export interface LineGap {
  /** When the lines broke, and when they were whole again. Unix time in milliseconds by this node's clock. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Channels with subscribers here, without history, in which events may have been missed. */
  readonly channels: number;
}

/** The engine cannot be reached, and the server is configured to refuse what needs it. A client may try again. */
export class EngineAway extends Error {}
