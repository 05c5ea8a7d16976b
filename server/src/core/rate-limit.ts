/** A token bucket: so many a second, so many at once. */
export class RateLimit {
  #tokens: number;
  #refilledAtMs: number;

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#refilledAtMs = nowMs;
  }

  /** Takes one token, or answers how many milliseconds to wait for one. A clock that goes back refills nothing. */
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
