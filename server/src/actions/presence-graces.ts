/** The cut-off connections that are still counted as members until their grace has passed. */
import type { Clock } from "../core/ports/clock.ts";

export class PresenceGraces {
  readonly #clock: Clock;
  /** Ends a grace immediately. Each grace removes itself. */
  readonly #ends = new Set<() => Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `leave` once: when the grace has passed, or earlier if all graces are ended. `leave` must not reject. */
  begin(graceMs: number, leave: () => Promise<void>): void {
    const end = () => {
      cancel();
      this.#ends.delete(end);
      return leave();
    };
    const cancel = this.#clock.after(graceMs, end);
    this.#ends.add(end);
  }

  /**
   * Ends every grace now. Used when a single server stops: its members cannot reconnect to another node, and no other
   * node would report that they left.
   */
  async endAll(): Promise<void> {
    await Promise.all(Array.from(this.#ends, (end) => end()));
  }
}
