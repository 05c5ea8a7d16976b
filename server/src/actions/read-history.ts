/** Reads the stored events of a channel, page by page. */
import type { App } from "../core/apps/app.ts";
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
  /** The member who sent a client event on a presence channel; null for other events. */
  readonly userId: string | null;
  /** The connection that was excluded; null: none. */
  readonly exceptSocketId: string | null;
}

export interface ChannelHistory {
  /** Null if the channel has no history or no event was published yet. */
  readonly epoch: string | null;
  readonly events: readonly ChannelEvent[];
  /** The first offset of the next page; null: this is the last page. */
  readonly next: number | null;
}

/** Returns an empty page if no events are stored. Rejects with EngineUnreachable. */
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
