/** The delay of the last one-second tick. Any other work in the event loop waited for about as long. */
const tickMs = 1_000;

export class EventLoopLag {
  #lookedAtMs = performance.now();
  #latestMs = 0;

  get latestMs(): number {
    return this.#latestMs;
  }

  look(): void {
    const nowMs = performance.now();
    this.#latestMs = Math.max(0, Math.round((nowMs - this.#lookedAtMs - tickMs) * 10) / 10);
    this.#lookedAtMs = nowMs;
  }
}
