/** One timer for all tasks that run every second or every few seconds. */
import type { Clock } from "../core/ports/clock.ts";

const tickMs = 1_000;

interface Work {
  readonly everyTicks: number;
  readonly run: () => void;
}

export class Ticker {
  readonly #clock: Clock;
  readonly #works: Work[] = [];
  #ticks = 0;
  #cancel: () => void;

  /** Starts ticking, until `stop()`. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#cancel = clock.after(tickMs, () => this.#tick());
  }

  /** Runs the task at this interval. */
  every(seconds: number, run: () => void): void {
    this.#works.push({ everyTicks: seconds, run });
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    this.#cancel = this.#clock.after(tickMs, () => this.#tick());
    this.#ticks += 1;
    for (const { everyTicks, run } of this.#works) if (this.#ticks % everyTicks === 0) run();
  }
}
