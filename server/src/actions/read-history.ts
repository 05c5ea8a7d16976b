/** What is kept of a channel's events, page by page. */
import type { App } from "../core/app.ts";
import { boundsOf } from "../core/channel-history.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { HistoryQuery } from "../core/ports/history.ts";
import { parseEventFrame } from "../protocol/server-message.ts";

export interface ChannelEvent {
  readonly offset: number;
  readonly name: string;
  readonly data: string;
  /** When the event was published: Unix time in milliseconds. */
  readonly atMs: number;
  /** The member who sent it, of client events on presence channels; null elsewhere. */
  readonly userId: string | null;
  /** The connection that did not get it; null: all got it. */
  readonly exceptSocketId: string | null;
}

export interface ChannelHistory {
  /** Null where the channel keeps no history, or no event was published yet. */
  readonly epoch: string | null;
  readonly events: readonly ChannelEvent[];
  /** The offset that the next page begins with; null: this was the last one. */
  readonly next: number | null;
}

/** An empty page where nothing is kept. The returned function throws EngineAway. */
export type ReadHistory = (app: App, channel: string, query: HistoryQuery) => Promise<ChannelHistory>;

export const historyPageMax = 100;

export function createReadHistory(broker: Broker): ReadHistory {
  return async function readHistory(app, channel, query) {
    const bounds = boundsOf(app, channel);
    if (bounds === null) return { epoch: null, events: [], next: null };
    const { position, events, next } = await broker.history(app.id, channel, bounds, query);
    return {
      epoch: position?.epoch ?? null,
      events: events.map(({ frame, ...event }) => ({ ...event, ...parseEventFrame(frame) })),
      next,
    };
  };
}
