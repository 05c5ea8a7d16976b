/** Reads the event that a cache channel sends to new subscribers. */
import type { App } from "../core/apps/app.ts";
import { boundsOf } from "../core/channel-history.ts";
import type { Broker } from "../core/ports/broker.ts";
import { isCacheChannel } from "../protocol/channel-name.ts";
import { parseEventFrame } from "../protocol/server-message.ts";

export interface CachedEvent {
  readonly name: string;
  readonly data: string;
  /** By the engine's clock. */
  readonly expiresAtMs: number;
  /** The remaining time until it expires. */
  readonly leftMs: number;
}

/** Null if the channel is not a cache channel or has no event now. Rejects with EngineUnreachable. */
export type ReadCachedEvent = (app: App, channel: string) => Promise<CachedEvent | null>;

export function createReadCachedEvent(broker: Broker): ReadCachedEvent {
  return async function readCachedEvent(app, channel) {
    const bounds = isCacheChannel(channel) ? boundsOf(app, channel) : null;
    if (bounds === null) return null;
    const newest = { direction: "backwards", from: null, limit: 1 } as const;
    const { events, nowMs } = await broker.history(app.id, channel, bounds, newest);
    const [event] = events;
    if (event === undefined) return null;
    const expiresAtMs = event.atMs + bounds.ageMsMax;
    return { ...parseEventFrame(event.frame), expiresAtMs, leftMs: expiresAtMs - nowMs };
  };
}
