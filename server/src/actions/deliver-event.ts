/** The line that every event goes down: encoded once, handed to the runtime's fan-out, told to the other nodes. */
import type { ActivityFeed } from "../core/activity.ts";
import { channelTopic, type Hub } from "../core/hub.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import { eventEncoder } from "../protocol/server-message.ts";

export interface OutgoingEvent {
  readonly channels: readonly string[];
  readonly name: string;
  readonly data: string;
  /** The sender, of client events on presence channels. */
  readonly userId: string | null;
  readonly exceptSocketId: string | null;
}

export interface DeliverEvent {
  (appId: string, event: OutgoingEvent): void;
  /** To the subscribers of this node only: what another node sent. */
  here(appId: string, event: OutgoingEvent): void;
}

export function createDeliverEvent(hub: Hub, bus: ClusterBus, activity: ActivityFeed): DeliverEvent {
  function here(appId: string, event: OutgoingEvent): void {
    let encode: ReturnType<typeof eventEncoder> | null = null;
    const except = event.exceptSocketId === null ? null : hub.find(appId, event.exceptSocketId);
    for (const channel of event.channels) {
      const topic = channelTopic(appId, channel);
      if (!hub.hasSubscribers(topic)) continue;
      encode ??= eventEncoder(event.name, event.data, event.userId);
      const frame = encode(channel);
      const deliveries = hub.deliver(topic, frame, except);
      if (deliveries === 0) continue;
      activity.emit({ type: "delivered", appId, deliveries, frameBytes: Buffer.byteLength(frame) });
    }
  }

  return Object.assign(
    (appId: string, event: OutgoingEvent) => {
      here(appId, event);
      bus.broadcast({ type: "event", appId, ...event });
    },
    { here },
  );
}
