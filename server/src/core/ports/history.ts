/**
 * The history of a channel: its latest events, numbered, kept by the broker for the channels whose rule asks for it.
 *
 * Numbering, keeping and publishing an event are one step of the engine. So the order of offsets is the order of the
 * line, on every node.
 */

/**
 * A place in a history. `offset` 1 is the first event of an epoch, each event is one more, and 0 stands before the first.
 *
 * `epoch` is a random text that names one life of the history. It changes whenever offsets begin again, because the
 * engine lost its data or forgot the channel. Example of what goes wrong without it: a client has seen event 3 and is
 * cut off. The engine restarts empty and four new events are published, 1 to 4. The client asks for what came after 3
 * and gets 4 alone, and nobody notices that it missed 1, 2 and 3. With an epoch its position is refused.
 */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/**
 * What a channel's rule lets it keep. All bounds hold at once and at every moment, also while nothing is published: an
 * event that is too old is not given to anybody, even where it is still stored. A supplier has bounds on bytes besides, a
 * channel and in all. It drops the oldest events for them, counts what it dropped, and never leaves a gap: what is kept
 * is always the newest events without a hole.
 *
 * There is no zero value: who keeps nothing passes null instead of bounds.
 */
export interface HistoryBounds {
  /** At least 1. */
  readonly eventsMax: number;
  /** At least 1. Counted by the engine's clock from the moment it took the event. */
  readonly ageMsMax: number;
}

/** An event that is kept. */
export interface KeptEvent {
  readonly offset: number;
  /** When the engine took it: Unix time in milliseconds by the engine's clock. */
  readonly atMs: number;
  /** As it was published: without its offset. */
  readonly frame: string;
  readonly exceptSocketId: string | null;
  readonly userId: string | null;
}

export interface HistoryQuery {
  /** `forwards`: the oldest first; `backwards`: the newest first. */
  readonly direction: "forwards" | "backwards";
  /** The offset to begin with, included; null: the oldest or the newest. */
  readonly from: number | null;
  /** At least 1. */
  readonly limit: number;
}

export interface HistoryPage {
  /** The epoch, and the offset of the newest event that ever was in it; null: the channel has no history. */
  readonly position: Position | null;
  readonly events: readonly KeptEvent[];
  /** `from` of the next page; null: this was the last one. */
  readonly next: number | null;
}

/** What somebody who joins wants to get of the history, before what is live. */
export type CatchUp =
  /** Everything after a position, or nothing at all. */
  | { readonly type: "recover"; readonly after: Position; readonly eventsMax: number }
  /** The last events, as many as there are within these bounds and those of the rule. */
  | { readonly type: "rewind"; readonly eventsMax: number; readonly ageMsMax: number };

/**
 * Where the joiner stands in the history, at the very point of the line where it joined. Everything before is in
 * `events` or was not wanted; everything after comes down the line. Nothing is in both and nothing is in neither.
 */
export type JoinedHistory =
  | {
      readonly outcome: "whole";
      /** Of the newest event; a client that remembers it can recover from here. */
      readonly position: Position;
      /** The oldest first. Empty where nothing was asked for or nothing is kept. */
      readonly events: readonly KeptEvent[];
      /**
       * Where a rewind found nothing: true for the first joiner who found nothing since the channel last got an event
       * or its first subscriber, false for all others. So an empty cache channel is told to webhooks once.
       */
      readonly isFirstMiss: boolean;
    }
  | {
      /** A recovery that cannot be whole. Never a part of it: the client would take it for all that it missed. */
      readonly outcome: "refused";
      /**
       * `unknown_epoch`: the history began again since, or the offset was never reached. `expired`: some of the events
       * are no longer kept. `too_many`: more than `eventsMax` were missed.
       */
      readonly reason: "unknown_epoch" | "expired" | "too_many";
      readonly position: Position;
    }
  /** The engine is away: nothing of the history can be read now. */
  | { readonly outcome: "unavailable" };
