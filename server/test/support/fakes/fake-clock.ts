/** A clock that a test advances. */
import type { Clock } from "../../../src/core/ports/clock.ts";

export class FakeClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 1);
  #due: { atMs: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }

  /** Does not change delays, like the machine's clock. */
  setBack(byMs: number): void {
    this.#nowMs -= byMs;
    for (const entry of this.#due) entry.atMs -= byMs;
  }

  /** Runs due tasks in order. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}
