/** A circuit breaker for a webhook's receiver: after repeated failures it allows only occasional requests. */
import type { Clock } from "../core/ports/clock.ts";
import type { Circuit } from "../core/ports/webhook-control.ts";
import { backoffMs, type RetryLimits } from "./retry-schedule.ts";

export interface BreakerLimits extends RetryLimits {
  readonly failuresBeforePause: number;
}

export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #limits: BreakerLimits;
  readonly #random: () => number;
  #failuresInARow = 0;
  #pausedUntilMs = 0;

  constructor(clock: Clock, limits: BreakerLimits, random: () => number) {
    this.#clock = clock;
    this.#limits = limits;
    this.#random = random;
  }

  get state(): Circuit {
    const isPaused = this.#failuresInARow >= this.#limits.failuresBeforePause;
    return { failuresInARow: this.#failuresInARow, isPaused, pausedUntilMs: this.#pausedUntilMs };
  }

  /** How long no request may be sent; 0 or less: now. */
  get pauseLeftMs(): number {
    return this.#pausedUntilMs - this.#clock.now();
  }

  succeeded(): void {
    this.#failuresInARow = 0;
  }

  /** Returns true if this failure paused the webhook. */
  failed(): boolean {
    this.#failuresInARow += 1;
    const pauses = this.#failuresInARow - this.#limits.failuresBeforePause + 1;
    if (pauses > 0) this.pause(backoffMs(pauses, this.#limits, this.#random));
    return pauses === 1;
  }

  /** Pauses for at least this long. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.now() + ms);
  }

  endPause(): void {
    this.#pausedUntilMs = 0;
  }

  reset(): void {
    this.#failuresInARow = 0;
    this.endPause();
  }
}
