export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket with a rate and a burst size. */
export class RateLimit {
  #tokens: number;
  #refilledAtMs: number;

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#refilledAtMs = nowMs;
  }

  /**
   * Takes one token and returns 0, or returns the milliseconds until there is one. A clock that is set back adds no
   * tokens.
   */
  take(perSecond: number, burst: number, nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#refilledAtMs);
    this.#refilledAtMs = nowMs;
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs * perSecond) / 1000);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) * 1000) / perSecond);
  }
}
