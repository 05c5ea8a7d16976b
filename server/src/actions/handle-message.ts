/** Handles one frame of a client: parses it, runs its action, and sends an error if it is refused. */
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { Pending } from "../core/ports/line.ts";
import { type ClientMessage, parseClientMessage } from "../protocol/client-message.ts";
import { CloseConnection, closeCodes, EventRefused } from "../protocol/errors.ts";
import { pongFrame } from "../protocol/server-message.ts";
import type { AdmitMessage } from "./admit-message.ts";
import type { RefuseMessage } from "./refuse-message.ts";
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

export function createHandleMessage(
  { registry, hub }: { readonly registry: AppRegistry; readonly hub: Hub },
  actions: MessageActions,
  { admit, refuse }: { readonly admit: AdmitMessage; readonly refuse: RefuseMessage },
  activity: ActivityFeed,
): HandleMessage {
  function start(connection: Connection, frame: string | Uint8Array): Pending {
    if (connection.isClosed) return undefined;
    try {
      return dispatch(connection, frame)?.catch((error: unknown) => refuse(connection, error));
    } catch (error) {
      refuse(connection, error);
      return undefined;
    }
  }

  function dispatch(connection: Connection, frame: string | Uint8Array): Pending {
    const app = registry.byId(connection.appId);
    if (app === null) throw new CloseConnection(closeCodes.appNotFound, "The app was deleted");
    if (typeof frame !== "string") {
      throw new EventRefused(null, "Binary frames are not supported: send JSON in text frames");
    }
    const bytes = Buffer.byteLength(frame);
    activity.emit({ type: "message_received", appId: app.id, connection, bytes });
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

  return function handleMessage(connection, frame) {
    admit(connection, frame, () => start(connection, frame));
  };
}
