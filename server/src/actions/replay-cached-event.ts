/** Gives a new subscriber of a cache channel its last event, or says that there is none. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { EventCache } from "../core/ports/event-cache.ts";
import { cacheMissFrame, eventEncoder } from "../protocol/server-message.ts";

export type ReplayCachedEvent = (connection: Connection, channel: string) => Promise<void>;

export function createReplayCachedEvent(
  hub: Hub,
  cache: EventCache,
  activity: ActivityFeed,
): ReplayCachedEvent {
  return async function replayCachedEvent(connection, channel) {
    const { appId } = connection;
    const event = await cache.get(appId, channel);
    if (event !== null) {
      // It may be newer than what still waits.
      hub.send(connection, eventEncoder(event.name, event.data, null)(channel));
      return;
    }
    hub.send(connection, cacheMissFrame(channel));
    if (await cache.noteMiss(appId, channel)) activity.emit({ type: "cache_miss", appId, channel });
  };
}
