/** Sends a ready frame to a channel, here and on the other nodes. */

import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";

export type Announce = (appId: string, topic: string, frame: string, except: Connection | null) => void;

export function createAnnounce(hub: Hub, bus: ClusterBus): Announce {
  return function announce(appId, topic, frame, except) {
    hub.deliver(topic, frame, except);
    bus.broadcast({ type: "frame", appId, topic, frame });
  };
}
