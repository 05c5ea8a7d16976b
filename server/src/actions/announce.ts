/** Sends a ready frame to a channel, here and on the other nodes. */
import type { Hub } from "../core/hub.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";

export type Announce = (appId: string, topic: string, frame: string) => void;

export function createAnnounce(hub: Hub, bus: ClusterBus): Announce {
  return function announce(appId, topic, frame) {
    hub.deliver(topic, frame, null);
    bus.broadcast({ type: "frame", appId, topic, frame });
  };
}
