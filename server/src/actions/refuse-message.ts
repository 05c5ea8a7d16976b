/** Answers a failed message: sends the client an error, and closes the connection if the error requires it. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import { CloseConnection, closeCodes, EventRefused, SubscriptionRefused } from "../protocol/errors.ts";
import { errorFrame, subscriptionErrorFrames } from "../protocol/server-message.ts";

/** Logs an error that is a bug, with the connection for which it happened. */
export type OnBug = (error: unknown, connection?: Pick<Connection, "appId" | "socketId">) => void;

export type RefuseMessage = (connection: Connection, error: unknown) => void;

/** An error that is not a refusal is a bug: `onBug` logs it, and only this connection is closed. */
export function createRefuseMessage(hub: Hub, activity: ActivityFeed, onBug: OnBug): RefuseMessage {
  function reportRefusal(
    connection: Connection,
    channel: string | null,
    code: number | null,
    message: string,
  ): void {
    activity.emit({ type: "message_refused", appId: connection.appId, connection, channel, code, message });
  }

  return function refuseMessage(connection, error) {
    if (error instanceof SubscriptionRefused) {
      for (const frame of subscriptionErrorFrames(error.channel, error)) hub.send(connection, frame);
      reportRefusal(connection, error.channel, null, error.message);
    } else if (error instanceof EventRefused) {
      hub.send(connection, errorFrame(error.code, error.message));
      reportRefusal(connection, null, error.code, error.message);
    } else if (error instanceof EngineUnreachable) {
      hub.send(connection, errorFrame(null, error.message));
      reportRefusal(connection, null, null, error.message);
    } else if (error instanceof CloseConnection) {
      hub.close(connection, error.code, error.message);
    } else {
      onBug(error, connection);
      hub.close(connection, closeCodes.reconnect, "Internal server error: please reconnect");
    }
  };
}
