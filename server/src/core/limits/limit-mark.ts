/** The highest observed value: in the last two minutes, and since the start. */
export class LimitMark {
  peak = 0;
  #minute = 0;
  #inMinute = 0;
  #inMinuteBefore = 0;

  saw(value: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#inMinute = Math.max(this.#inMinute, value);
    this.peak = Math.max(this.peak, value);
  }

  lately(nowMs: number): number {
    this.#turn(nowMs);
    return Math.max(this.#inMinute, this.#inMinuteBefore);
  }

  #turn(nowMs: number): void {
    const minute = Math.floor(nowMs / 60_000);
    if (minute === this.#minute) return;
    this.#inMinuteBefore = minute === this.#minute + 1 ? this.#inMinute : 0;
    this.#inMinute = 0;
    this.#minute = minute;
  }
}

/** Counts by name in windows of some seconds, and marks the highest rate per second. */
export class RateMark {
  readonly mark = new LimitMark();
  readonly #windowMs: number;
  #window = 0;
  #counts = new Map<string, number>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  count(name: string, nowMs: number): void {
    const window = Math.floor(nowMs / this.#windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts = new Map();
    }
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    this.mark.saw(Math.ceil((count * 1000) / this.#windowMs), nowMs);
  }
}
