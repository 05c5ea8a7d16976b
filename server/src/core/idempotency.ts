/** Remembers answers of requests that carry an idempotency key, so that a repeat gets the first answer. */
import type { Clock } from "./ports/clock.ts";

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  readonly expiresAtMs: number;
}

export interface KeysMax {
  readonly perApp: number;
  /** Over all apps; where there are more, the app that has the most forgets its oldest. */
  readonly inAll: number;
}

/** What one app's requests were answered, the oldest first. */
type Memory<Answer> = Map<string, Entry<Answer>>;

export class Idempotency<Answer> {
  readonly #clock: Clock;
  readonly #keysMax: KeysMax;
  /** Those that have any. */
  readonly #apps = new Map<string, Memory<Answer>>();
  #keyCount = 0;

  constructor(clock: Clock, keysMax: KeysMax) {
    this.#clock = clock;
    this.#keysMax = keysMax;
  }

  /**
   * Runs the work for the app's first request with this key; each repeat within the window gets the same answer, also
   * while the first is under way. Work that fails is forgotten, so that a repeat tries again.
   */
  once(appId: string, key: string, windowMs: number, work: () => Promise<Answer>): Promise<Answer> {
    const now = this.#clock.now();
    const known = this.#apps.get(appId)?.get(key);
    if (known !== undefined && known.expiresAtMs > now) return known.answer;
    this.#forget(appId, key);
    this.#makeRoom(appId, now);
    const entry = { answer: work(), expiresAtMs: now + windowMs };
    const memory: Memory<Answer> = this.#apps.get(appId) ?? new Map();
    this.#apps.set(appId, memory.set(key, entry));
    this.#keyCount += 1;
    entry.answer.catch(() => {
      if (this.#apps.get(appId)?.get(key) === entry) this.#forget(appId, key);
    });
    return entry.answer;
  }

  #makeRoom(appId: string, now: number): void {
    const { perApp, inAll } = this.#keysMax;
    this.#shorten(appId, perApp - 1, now);
    if (this.#keyCount < inAll) return;
    const [largest, size] = this.#largest();
    this.#shorten(largest, size - 1, now);
  }

  /** Drops what has run out, and the oldest keys beyond the length. */
  #shorten(appId: string, lengthMax: number, now: number): void {
    const memory = this.#apps.get(appId);
    if (memory === undefined) return;
    for (const [key, { expiresAtMs }] of memory) {
      if (expiresAtMs > now && memory.size <= lengthMax) break;
      this.#forget(appId, key);
    }
  }

  #largest(): [appId: string, size: number] {
    let largest: [string, number] = ["", 0];
    for (const [appId, { size }] of this.#apps) if (size > largest[1]) largest = [appId, size];
    return largest;
  }

  #forget(appId: string, key: string): void {
    const memory = this.#apps.get(appId);
    if (memory?.delete(key) !== true) return;
    this.#keyCount -= 1;
    if (memory.size === 0) this.#apps.delete(appId);
  }
}
