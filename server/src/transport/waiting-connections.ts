/** Starts the waiting messages of connections whose bytes were sent without a `drain` event. */
import type { Connection } from "../core/connection.ts";
import type { Clock } from "../core/ports/clock.ts";

const checkedEveryMs = 50;

/**
 * The runtime loses `drain` events: with Bun 1.4.5 up to a fifth of them, when a client that reads again sends at the same
 * time. The unsent bytes are sent then, but a connection that waited only for the event would never handle another message.
 */
export class WaitingConnections {
  readonly #clock: Clock;
  readonly #waiting = new Set<Connection>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call it after each message. Connections without waiting messages are ignored. */
  watch(connection: Connection): void {
    if (!connection.isWaiting) return;
    if (this.#waiting.size === 0) this.#checkLater();
    this.#waiting.add(connection);
  }

  #checkLater(): void {
    this.#clock.after(checkedEveryMs, () => {
      for (const connection of this.#waiting) {
        connection.runWaiting();
        if (!connection.isWaiting) this.#waiting.delete(connection);
      }
      if (this.#waiting.size > 0) this.#checkLater();
    });
  }
}
