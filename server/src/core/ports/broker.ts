/**
 * Carries the events of channels. Each event is published once, delivered on every node in the same order, and stored
 * if the channel's rule enables a history.
 *
 * On one node (memory supplier) the engine is this process. `publish` gives the event to the listener within the call
 * and returns no promise; `follow` and `unfollow` do nothing. History is in memory and ends with the process.
 *
 * On many nodes (Redis supplier) the engine is a server. The event is sent to it and comes back on the line. The
 * publishing node, too, delivers it only when it comes back.
 */
import type { HistoryBounds, HistoryPage, HistoryQuery, Position } from "./history.ts";
import type { LineEvent, LineListener, Pending } from "./line.ts";

export interface Broker {
  /**
   * Sets the listener of all lines, which also receives the entries of the roster. Called once, before any other
   * method.
   */
  listen(listener: LineListener): void;

  /**
   * Appends an event to the line of a channel. Returns or resolves once the engine has ordered the event and, with
   * `bounds`, stored it. From then on only a loss of the engine's data can lose it. Subscribers may not have received
   * it yet.
   *
   * Order: events that one node publishes to one channel are ordered as the calls were. There is no order between
   * channels.
   *
   * Delivery: at most once to each subscriber, on the line, see `LineListener`.
   *
   * @param bounds null: the event is not stored and gets no position; the channel's existing history is unchanged.
   * The bounds of the latest publish or join apply to the whole history of the channel.
   *
   * While the engine is unreachable, the server's configuration decides:
   * - the event is delivered to this node's subscribers immediately, and the outcome is `local`; or
   * - nothing is delivered, and the promise rejects with `EngineUnreachable`.
   *
   * If the connection to the engine breaks during a publish, the engine may or may not have the event. With the first
   * setting this node's subscribers receive it once in either case: a supplier recognizes its own event when it arrives
   * on the line earlier or later, or is read with the missed events.
   *
   * A supplier whose engine can be unreachable always returns a promise and never throws synchronously.
   */
  publish(
    appId: string,
    channel: string,
    event: LineEvent,
    bounds: HistoryBounds | null,
  ): Published | Promise<Published>;

  /**
   * Follows the line of a channel that has no roster, such as a server-to-user channel. For all other channels
   * `Roster.join` and `leave` do this. The listener receives every entry that the engine orders after `follow` is
   * done.
   *
   * Calls are counted: a line is followed while there were more calls of `follow` than of `unfollow`. After the last
   * `unfollow` a supplier keeps following for some seconds, so that a page reload causes no work in the engine. Calls
   * within one turn of the event loop are sent to the engine together.
   *
   * Never rejects because the engine is unreachable: the line is followed once the engine is back.
   */
  follow(appId: string, channel: string): Pending;
  unfollow(appId: string, channel: string): void;

  /**
   * Reads the stored events of a channel. Returns an empty page if there is no history.
   *
   * @param bounds of the channel's current rule: events beyond them are not returned, even if they are still stored
   * @throws EngineUnreachable
   */
  history(appId: string, channel: string, bounds: HistoryBounds, query: HistoryQuery): Promise<HistoryPage>;

  /**
   * Called after the connection to the engine was lost and the lines are followed again. By then the supplier has
   * delivered the missed events of channels with history, in order, and the changes of the members of presence
   * channels. The gap describes the events that it could not recover. The memory supplier never calls it.
   */
  onGap(listener: (gap: LineGap) => void): void;

  /** Why the engine is unavailable, as a sentence for the server's operator; null: it is available. */
  readonly problem: string | null;
}

export type Published =
  | {
      /** The engine has ordered the event, and stored it if it has a position. */
      readonly outcome: "sequenced";
      /** Null if the event is not stored, or its position is unknown. */
      readonly position: Position | null;
      /** The connections that the event was sent to; null: unknown, because other nodes may have sent it, too. */
      readonly recipients: number | null;
    }
  /**
   * The engine is unreachable. Only the subscribers of this node received the event; subscribers of other nodes never will.
   */
  | { readonly outcome: "local"; readonly recipients: number };

export interface LineGap {
  /**
   * When the connection was lost and when the lines were followed again. Unix time in milliseconds by this node's
   * clock.
   */
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * The number of channels with subscribers on this node and without history, by app id: their events may have been
   * missed. Apps without such channels are left out.
   */
  readonly channels: ReadonlyMap<string, number>;
}

/** The engine is unreachable, and the server is configured to refuse requests that need it. A client may retry. */
export class EngineUnreachable extends Error {}
