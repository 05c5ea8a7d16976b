/**
 * Which messages of a connection are read, and when. Those beyond a limit are left unread and the connection stays:
 * a client that is closed comes back and asks for the same again. Leaving one unread costs less than anything else, so
 * a flood is bounded by it.
 */

import type { AppRegistry } from "../core/app-registry.ts";
import type { AppSettings } from "../core/app-settings.ts";
import type { ByteBudget } from "../core/byte-budget.ts";
import type { Connection, Task } from "../core/connection.ts";
import type { Clock } from "../core/ports/clock.ts";
import { EventRefused } from "../protocol/errors.ts";
import type { RefuseMessage } from "./refuse-message.ts";

/** Runs the task for a message of so many bytes when its turn comes, or never. */
export type AdmitMessage = (connection: Connection, bytes: number, task: Task) => void;

/** Of all messages of one connection that wait, and of each channel that it may be in. */
const waitingBytesMax = 1_048_576;
const waitingBytesPerChannel = 1_024;

/** `waiting` counts the bytes of messages that wait for their turn, such as behind a slow engine. */
export function createAdmitMessage(
  registry: AppRegistry,
  refuse: RefuseMessage,
  clock: Clock,
  waiting: ByteBudget,
): AdmitMessage {
  /** Tells it once a second: an answer to each message would cost more than the message. */
  function leaveUnread(connection: Connection, why: string): void {
    const count = connection.countUnread(clock.now());
    if (count !== null) refuse(connection, new EventRefused(null, `${why}. Not read: ${count}`));
  }

  function runInTurn(connection: Connection, settings: AppSettings, bytes: number, task: Task): void {
    if (connection.isIdle) {
      connection.run(task);
      return;
    }
    const { appId } = connection;
    const bytesMax = waitingBytesMax + settings.channelsPerConnectionMax * waitingBytesPerChannel;
    if (connection.waitingBytes + bytes > bytesMax || !waiting.take(appId, bytes)) {
      leaveUnread(connection, "Too many messages are waiting for their turn");
      return;
    }
    connection.waitingBytes += bytes;
    connection.run(() => {
      connection.waitingBytes -= bytes;
      waiting.give(appId, bytes);
      return task();
    });
  }

  return function admitMessage(connection, bytes, task) {
    if (connection.isClosed) return;
    const settings = registry.byId(connection.appId)?.settings;
    // The app was deleted, and its connections are about to be closed.
    if (settings === undefined) {
      connection.run(task);
      return;
    }
    const { messagesPerSecondMax, channelsPerConnectionMax } = settings;
    // Room for all that a client asks for when it comes back, and once more for what it leaves.
    const atOnceMax = messagesPerSecondMax * 10 + channelsPerConnectionMax * 2;
    if (connection.mayReceive(messagesPerSecondMax, atOnceMax, clock.now())) {
      runInTurn(connection, settings, bytes, task);
      return;
    }
    const limits = `a connection may send ${messagesPerSecondMax} a second, and ${atOnceMax} at once`;
    leaveUnread(connection, `Too many messages: ${limits}`);
  };
}
