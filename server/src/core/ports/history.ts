/**
 * The history of a channel: its latest events, numbered. The broker stores it for channels whose rule enables it.
 *
 * The engine numbers, stores and publishes an event in one atomic step. So offsets have the same order as the line,
 * on every node.
 */

/**
 * A position in a history. The first event of an epoch has `offset` 1 and each next event one more; 0 is the position
 * before the first event.
 *
 * `epoch` is a random text that identifies one numbering of the history. It changes whenever offsets start at 1
 * again, because the engine lost its data or removed the channel. Without it, events could be missed unnoticed.
 * Example: a client has seen event 3 and is disconnected. The engine restarts empty, and four new events are
 * published, 1 to 4. The client asks for the events after 3 and receives only 4; it never learns of the new 1, 2 and
 * 3. With an epoch its position is refused.
 */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/**
 * The limits of a channel's history. All limits apply at every moment, also while nothing is published: an event that
 * is too old is never returned, even if it is still stored. A supplier also limits bytes, for each channel and in
 * total. To stay within them it drops the oldest events and counts them. A history is always the newest events
 * without a gap.
 *
 * There is no zero value: for a channel without history pass null instead of bounds.
 */
export interface HistoryBounds {
  /** At least 1. */
  readonly eventsMax: number;
  /** At least 1. Measured by the engine's clock from the moment it ordered the event. */
  readonly ageMsMax: number;
}

/** A stored event. */
export interface KeptEvent {
  readonly offset: number;
  /** When the engine ordered the event: Unix time in milliseconds by the engine's clock. */
  readonly atMs: number;
  /** As it was published, without the offset. */
  readonly frame: string;
  readonly exceptSocketId: string | null;
  readonly userId: string | null;
}

export interface HistoryQuery {
  /** `forwards`: oldest first; `backwards`: newest first. */
  readonly direction: "forwards" | "backwards";
  /** The first offset of the page, inclusive; null: start with the oldest or the newest. */
  readonly from: number | null;
  /** At least 1. */
  readonly limit: number;
  /** Only events of this time, both ends included. Unix time in milliseconds by the engine's clock; absent: no bound. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

export interface HistoryPage {
  /** The epoch, and the highest offset that was assigned in it; null: the channel has no history. */
  readonly position: Position | null;
  readonly events: readonly KeptEvent[];
  /** `from` of the next page; null: this is the last page. */
  readonly next: number | null;
  /** When it was read, by the engine's clock like `atMs` of the events. It may differ from this node's clock. */
  readonly nowMs: number;
}

/** Which stored events a joining connection receives before live events. */
export type CatchUp =
  /** All events after a position, or none if any of them is unavailable. */
  | { readonly type: "recover"; readonly after: Position; readonly eventsMax: number }
  /** The latest events within these limits and those of the rule. */
  | { readonly type: "rewind"; readonly eventsMax: number; readonly ageMsMax: number };

/**
 * The history at the point of the line where the connection joined. Requested events before that point are in
 * `events`; all events after it arrive on the line. No event is in both, and none is missing.
 */
export type JoinedHistory =
  | {
      readonly outcome: "whole";
      /** Of the newest event. A client that stores it can recover from here. */
      readonly position: Position;
      /** Oldest first. Empty if none were requested or none are stored. */
      readonly events: readonly KeptEvent[];
      /**
       * True if a rewind found no event, and is the first to find none since the channel's last event or first
       * subscriber; otherwise false. So webhooks report an empty cache channel once.
       */
      readonly isFirstMiss: boolean;
    }
  | {
      /**
       * The recovery cannot be complete. No part is returned: the client would take it for all the events that it
       * missed.
       */
      readonly outcome: "refused";
      /**
       * `unknown_epoch`: the history has another epoch now, or never reached the offset. `expired`: some of the
       * missed events are no longer stored. `too_many`: more than `eventsMax` events were missed.
       */
      readonly reason: "unknown_epoch" | "expired" | "too_many";
      readonly position: Position;
    }
  /** The engine is unreachable, so the history cannot be read. */
  | { readonly outcome: "unavailable" };
