/** What a channel keeps of its events, and what somebody who enters gets of it. */
import { isCacheChannel } from "../protocol/channel-name.ts";
import type { App } from "./app.ts";
import type { CatchUp, HistoryBounds } from "./ports/history.ts";

/** Null where the channel keeps nothing. A cache channel keeps its last event for a time. */
export function historyBoundsOf({ settings }: App, channel: string): HistoryBounds | null {
  return isCacheChannel(channel) ? { eventsMax: 1, ageMsMax: settings.cacheTtlMs } : null;
}

/** Null where whoever enters gets nothing but what is live. */
export function catchUpOf({ settings }: App, channel: string): CatchUp | null {
  return isCacheChannel(channel) ? { type: "rewind", eventsMax: 1, ageMsMax: settings.cacheTtlMs } : null;
}
