/** What a channel keeps of its events, and what somebody who enters gets of it. */
import { isCacheChannel } from "../protocol/channel-name.ts";
import type { App } from "./app.ts";
import { settingsOfChannel } from "./channel-rules.ts";
import type { CatchUp, HistoryBounds, Position } from "./ports/history.ts";

/** Most events of one recovery. Who missed more should load its state again. */
const recoveredEventsMax = 300;

/**
 * What a channel keeps of its events; null: nothing. A cache channel without a history of its own keeps its last event
 * for a time.
 */
export function boundsOf({ settings }: App, channel: string): HistoryBounds | null {
  const { historyEventsMax, historyMs } = settingsOfChannel(settings, channel);
  if (historyEventsMax > 0) return { eventsMax: historyEventsMax, ageMsMax: historyMs };
  return isCacheChannel(channel) ? { eventsMax: 1, ageMsMax: settings.cacheTtlMs } : null;
}

/**
 * Null where whoever enters gets nothing but what is live.
 * @param after where the client stood when it was cut off; null: it does not say
 */
export function catchUpOf({ settings }: App, channel: string, after: Position | null): CatchUp | null {
  const { historyEventsMax, rewindEventsMax, rewindMs } = settingsOfChannel(settings, channel);
  if (historyEventsMax > 0) {
    if (after !== null) return { type: "recover", after, eventsMax: recoveredEventsMax };
    if (rewindEventsMax > 0) return { type: "rewind", eventsMax: rewindEventsMax, ageMsMax: rewindMs };
  }
  return isCacheChannel(channel) ? { type: "rewind", eventsMax: 1, ageMsMax: settings.cacheTtlMs } : null;
}
