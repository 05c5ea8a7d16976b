/** Sends a client's event to the other subscribers of a private or presence channel. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import { type ChannelSettings, settingsOfChannel } from "../core/apps/channel-rules.ts";
import { boundsOf } from "../core/channel-history.ts";
import type { Connection } from "../core/connection.ts";
import type { Broker, Published } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Pending } from "../core/ports/line.ts";
import type { Sender } from "../core/sender.ts";
import { needsAuthorization } from "../protocol/channel-name.ts";
import type { ClientMessage } from "../protocol/client-message.ts";
import { EventRefused, eventCodes } from "../protocol/errors.ts";
import { sdkName } from "../protocol/handshake.ts";
import { OutgoingEvent } from "./outgoing-event.ts";
import { reachedBy } from "./publish.ts";

export type ClientEventMessage = Extract<ClientMessage, { readonly type: "client-event" }>;
export type SendClientEvent = (app: App, connection: Connection, message: ClientEventMessage) => Pending;

/** The returned function throws EventRefused or rejects with EngineUnreachable. */
export function createSendClientEvent(broker: Broker, activity: ActivityFeed, clock: Clock): SendClientEvent {
  return function sendClientEvent(app, connection, message) {
    const { channel, event, data } = message;
    const settings = settingsOfChannel(app.settings, channel);
    checkAllowed(settings, connection, message);
    const perSecondMax = settings.clientEventsPerSecondMax;
    if (!connection.maySendClientEvent(perSecondMax, clock.now())) {
      throw new EventRefused(
        eventCodes.clientEventRate,
        `Client event rejected - a connection may send at most ${perSecondMax} client events per second`,
      );
    }
    const userId = connection.subscriptions.get(channel)?.userId ?? null;
    const { socketId } = connection;
    const report = (published: Published) => {
      const facts = { channel, event, data, socketId, userId, sender: senderOf(connection) };
      activity.emit({ type: "client_event", appId: app.id, ...facts, reached: reachedBy([published]) });
    };
    const bounds = settings.clientEventsKept ? boundsOf(app, channel) : null;
    const outgoing = new OutgoingEvent(event, data, userId, socketId);
    const published = broker.publish(app.id, channel, outgoing.to(channel), bounds);
    if (published instanceof Promise) return published.then(report);
    report(published);
  };
}

function senderOf({ peer: { address, handshake } }: Connection): Sender {
  return {
    address,
    get sdk() {
      return sdkName(handshake);
    },
  };
}

function checkAllowed(
  { clientEventsEnabled, eventNameLengthMax, eventPayloadBytesMax }: ChannelSettings,
  connection: Connection,
  message: ClientEventMessage,
): void {
  if (!clientEventsEnabled) {
    throw new EventRefused(
      null,
      "To send client events, you must enable this feature in the Settings page of your dashboard.",
    );
  }
  if (!needsAuthorization(message.channel)) {
    throw new EventRefused(null, "Client event rejected - only supported on private and presence channels");
  }
  if (!connection.subscriptions.has(message.channel)) {
    throw new EventRefused(
      null,
      `Client event rejected - no current subscription to channel ${message.channel.slice(0, 200)}`,
    );
  }
  if (message.event.length > eventNameLengthMax) {
    throw new EventRefused(
      null,
      `Client event rejected - the name may have at most ${eventNameLengthMax} characters`,
    );
  }
  if (Buffer.byteLength(message.data) > eventPayloadBytesMax) {
    throw new EventRefused(
      null,
      `Client event rejected - the data may be at most ${eventPayloadBytesMax} bytes`,
    );
  }
}
