/** Remembers the answers to requests that carry an idempotency key, so that a repeat gets the first answer. */
import type { Clock } from "./clock.ts";

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  readonly expiresAtMs: number;
}

export class Idempotency<Answer> {
  readonly #clock: Clock;
  readonly #keysMax: number;
  readonly #entries = new Map<string, Entry<Answer>>();

  constructor(clock: Clock, keysMax: number) {
    this.#clock = clock;
    this.#keysMax = keysMax;
  }

  /**
   * Runs the work for the first request with this key; each repeat within the window gets the same answer, also while
   * the first is under way. Work that fails is forgotten, so that a repeat tries again.
   */
  once(key: string, windowMs: number, work: () => Promise<Answer>): Promise<Answer> {
    const now = this.#clock.now();
    const known = this.#entries.get(key);
    if (known !== undefined && known.expiresAtMs > now) return known.answer;
    this.#entries.delete(key);
    this.#makeRoom(now);
    const entry = { answer: work(), expiresAtMs: now + windowMs };
    this.#entries.set(key, entry);
    entry.answer.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry.answer;
  }

  /** Drops what has run out, and the oldest keys where there are too many. */
  #makeRoom(now: number): void {
    for (const [key, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > now && this.#entries.size < this.#keysMax) break;
      this.#entries.delete(key);
    }
  }
}
