/** The history limits of a channel, and which stored events a new subscriber receives. */
import { isCacheChannel } from "../protocol/channel-name.ts";
import type { App } from "./apps/app.ts";
import { settingsOfChannel } from "./apps/channel-rules.ts";
import type { CatchUp, HistoryBounds, Position } from "./ports/history.ts";

/** The maximum events of one recovery. A client that missed more should reload its state. */
const recoveredEventsMax = 300;

/**
 * The history limits of a channel; null: it stores no events. A cache channel without a history stores its last event
 * for `cacheTtlMs`.
 */
export function boundsOf({ settings }: App, channel: string): HistoryBounds | null {
  const { historyEventsMax, historyMs } = settingsOfChannel(settings, channel);
  if (historyEventsMax > 0) return { eventsMax: historyEventsMax, ageMsMax: historyMs };
  return isCacheChannel(channel) ? { eventsMax: 1, ageMsMax: settings.cacheTtlMs } : null;
}

/**
 * The stored events that a new subscriber receives; null: only live events.
 * @param after the client's last position before it was disconnected; null: the client sent none
 */
export function catchUpOf({ settings }: App, channel: string, after: Position | null): CatchUp | null {
  const { historyEventsMax, rewindEventsMax, rewindMs } = settingsOfChannel(settings, channel);
  if (historyEventsMax > 0) {
    if (after !== null) return { type: "recover", after, eventsMax: recoveredEventsMax };
    if (rewindEventsMax > 0) return { type: "rewind", eventsMax: rewindEventsMax, ageMsMax: rewindMs };
  }
  return isCacheChannel(channel) ? { type: "rewind", eventsMax: 1, ageMsMax: settings.cacheTtlMs } : null;
}
