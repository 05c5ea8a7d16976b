/** One frame from a client: parsed, sent to the action that it asks for, and answered where it was refused. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { EngineAway } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Pending } from "../core/ports/line.ts";
import { type ClientMessage, parseClientMessage } from "../protocol/client-message.ts";
import { CloseConnection, closeCodes, EventRefused, SubscriptionRefused } from "../protocol/errors.ts";
import { errorFrame, pongFrame, subscriptionErrorFrames } from "../protocol/server-message.ts";
import type { SendClientEvent } from "./send-client-event.ts";
import type { SignIn } from "./sign-in.ts";
import type { Subscribe } from "./subscribe.ts";
import type { Unsubscribe } from "./unsubscribe.ts";

export interface MessageActions {
  readonly subscribe: Subscribe;
  readonly unsubscribe: Unsubscribe;
  readonly signIn: SignIn;
  readonly sendClientEvent: SendClientEvent;
}

export type HandleMessage = (connection: Connection, frame: string | Uint8Array) => void;

/** Anything but a refusal is a bug: `onBug` logs it, and it costs this connection only. */
export function createHandleMessage(
  { registry, hub }: { readonly registry: AppRegistry; readonly hub: Hub },
  actions: MessageActions,
  activity: ActivityFeed,
  { clock, onBug }: { readonly clock: Clock; readonly onBug: (error: unknown) => void },
): HandleMessage {
  function start(connection: Connection, frame: string | Uint8Array): Pending {
    if (connection.isClosed) return undefined;
    try {
      return dispatch(connection, frame)?.catch((error: unknown) => answer(connection, error));
    } catch (error) {
      answer(connection, error);
      return undefined;
    }
  }

  function dispatch(connection: Connection, frame: string | Uint8Array): Pending {
    const app = registry.byId(connection.appId);
    if (app === null) throw new CloseConnection(closeCodes.appNotFound, "The app was deleted");
    if (typeof frame !== "string") {
      throw new EventRefused(null, "Binary frames are not supported: send JSON in text frames");
    }
    activity.emit({ type: "message_received", appId: app.id, connection, bytes: Buffer.byteLength(frame) });
    return act(app, connection, parseClientMessage(frame));
  }

  function act(app: App, connection: Connection, message: ClientMessage): Pending {
    switch (message.type) {
      case "ping":
        hub.send(connection, pongFrame);
        return undefined;
      case "pong":
        return undefined;
      case "subscribe":
        return actions.subscribe(app, connection, message);
      case "unsubscribe":
        return actions.unsubscribe(app, connection, message.channel);
      case "sign-in":
        return actions.signIn(app, connection, message);
      case "client-event":
        return actions.sendClientEvent(app, connection, message);
      default:
        return message satisfies never;
    }
  }

  function answer(connection: Connection, error: unknown): void {
    if (error instanceof SubscriptionRefused) {
      for (const frame of subscriptionErrorFrames(error.channel, error)) hub.send(connection, frame);
      tell(connection, error.channel, null, error.message);
    } else if (error instanceof EventRefused) {
      hub.send(connection, errorFrame(error.code, error.message));
      tell(connection, null, error.code, error.message);
    } else if (error instanceof EngineAway) {
      hub.send(connection, errorFrame(null, error.message));
      tell(connection, null, null, error.message);
    } else if (error instanceof CloseConnection) {
      hub.close(connection, error.code, error.message);
    } else {
      onBug(error);
      hub.close(connection, closeCodes.reconnect, "Internal server error: please reconnect");
    }
  }

  function tell(connection: Connection, channel: string | null, code: number | null, message: string): void {
    activity.emit({ type: "message_refused", appId: connection.appId, connection, channel, code, message });
  }

  /** Asked on arrival, not when the message's turn comes: a queue behind a slow roster must have an end. */
  function isTooMuch(connection: Connection): boolean {
    const perSecondMax = registry.byId(connection.appId)?.settings.messagesPerSecondMax ?? 0;
    if (connection.mayReceive(perSecondMax, clock.now())) return false;
    const reason = `Too many messages: a connection may send at most ${perSecondMax} a second`;
    hub.close(connection, closeCodes.overCapacity, reason);
    return true;
  }

  return function handleMessage(connection, frame) {
    if (connection.isClosed || isTooMuch(connection)) return;
    connection.run(() => start(connection, frame));
  };
}
