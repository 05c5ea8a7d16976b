/**
 * Decides which messages of a connection are handled, and when. Messages beyond a limit are dropped and the
 * connection stays open: a closed client would reconnect and send the same again. Dropping is the cheapest answer to
 * a flood.
 */

import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { AppSettings } from "../core/apps/app-settings.ts";
import type { Connection, Task } from "../core/connection.ts";
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import { bytesOfWaiting } from "../core/limits/connection-memory.ts";
import type { Clock } from "../core/ports/clock.ts";
import { EventRefused } from "../protocol/errors.ts";
import type { RefuseMessage } from "./refuse-message.ts";

/** Runs the task of a message when its turn comes, or drops the message. */
export type AdmitMessage = (connection: Connection, frame: string | Uint8Array, task: Task) => void;

/**
 * Limits of the waiting messages of one connection: a base, and an amount for each channel that it may subscribe to.
 */
const waitingBytesMax = 1_048_576;
const waitingBytesPerChannel = 2_048;

/** @param waiting counts the estimated memory of queued messages, for example while the engine is slow */
export function createAdmitMessage(
  registry: AppRegistry,
  refuse: RefuseMessage,
  clock: Clock,
  waiting: ByteBudget,
): AdmitMessage {
  /** Sends at most one error a second: an error for each message would cost more than handling the message. */
  function leaveUnread(connection: Connection, why: string): void {
    const count = connection.countUnread(clock.now());
    if (count !== null) refuse(connection, new EventRefused(null, `${why}. Dropped: ${count}`));
  }

  function runInTurn(
    connection: Connection,
    settings: AppSettings,
    frame: string | Uint8Array,
    task: Task,
  ): void {
    if (connection.isIdle) {
      connection.run(task);
      return;
    }
    const { appId } = connection;
    const bytes = bytesOfWaiting(frame);
    const bytesMax = waitingBytesMax + settings.channelsPerConnectionMax * waitingBytesPerChannel;
    if (connection.waitingBytes + bytes > bytesMax || !waiting.take(appId, bytes)) {
      leaveUnread(connection, "Too many messages of the connection are waiting");
      return;
    }
    connection.waitingBytes += bytes;
    connection.run(() => {
      connection.waitingBytes -= bytes;
      waiting.give(appId, bytes);
      return task();
    });
  }

  return function admitMessage(connection, frame, task) {
    if (connection.isClosed) return;
    const settings = registry.byId(connection.appId)?.settings;
    // The app was deleted, so the task will close the connection.
    if (settings === undefined) {
      connection.run(task);
      return;
    }
    const { messagesPerSecondMax, channelsPerConnectionMax } = settings;
    // A client that reconnects subscribes to all its channels in one burst, and may unsubscribe from as many.
    const atOnceMax = messagesPerSecondMax * 10 + channelsPerConnectionMax * 2;
    if (connection.mayReceive(messagesPerSecondMax, atOnceMax, clock.now())) {
      runInTurn(connection, settings, frame, task);
      return;
    }
    const limits = `a connection may send ${messagesPerSecondMax} per second, in bursts of up to ${atOnceMax}`;
    leaveUnread(connection, `Too many messages: ${limits}`);
  };
}
