/** Stores the answers to requests with an idempotency key, so that a repeated request gets the first answer. */
import { ownText } from "../protocol/own-text.ts";
import { ByteBudget, type ByteLimits } from "./limits/byte-budget.ts";
import { bytesInMemory } from "./limits/bytes-in-memory.ts";
import type { Clock } from "./ports/clock.ts";

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  readonly expiresAtMs: number;
  bytes: number;
}

/** The answers of one app, oldest first. */
type Memory<Answer> = Map<string, Entry<Answer>>;

/** The estimated bytes of an entry without its key and answer. */
const entryBytes = 300;

export class Idempotency<Answer> {
  readonly #clock: Clock;
  readonly #limits: ByteLimits;
  readonly budget: ByteBudget;
  readonly #bytesOf: (answer: Answer) => number;
  /** The apps that have stored answers. */
  readonly #apps = new Map<string, Memory<Answer>>();

  /**
   * An app that exceeds its limit loses its own oldest answers. If all apps together exceed theirs, the app with the
   * most bytes loses its oldest.
   */
  constructor(clock: Clock, limits: ByteLimits, bytesOf: (answer: Answer) => number) {
    this.#clock = clock;
    this.#limits = limits;
    this.budget = new ByteBudget(limits);
    this.#bytesOf = bytesOf;
  }

  /**
   * Runs the work for the app's first request with this key. Each repeat within the window gets the same answer, also
   * while the first is running. Failed work is forgotten, so a repeat runs it again.
   */
  once(appId: string, key: string, windowMs: number, work: () => Promise<Answer>): Promise<Answer> {
    const now = this.#clock.now();
    const known = this.#apps.get(appId)?.get(key);
    if (known !== undefined && known.expiresAtMs > now) return known.answer;
    this.#forget(appId, key);
    this.#forgetExpired(appId, now);
    const answer = work();
    const entry: Entry<Answer> = { answer, expiresAtMs: now + windowMs, bytes: 0 };
    const memory: Memory<Answer> = this.#apps.get(appId) ?? new Map();
    this.#apps.set(appId, memory.set(ownText(key), entry));
    this.#grow(appId, key, entry, entryBytes + bytesInMemory(key));
    answer.then(
      (given) => this.#grow(appId, key, entry, this.#bytesOf(given)),
      () => {
        if (this.#isKept(appId, key, entry)) this.#forget(appId, key);
      },
    );
    return answer;
  }

  /**
   * Counts the entry's bytes and removes other entries until they fit. An answer larger than its app's limit is
   * itself removed.
   */
  #grow(appId: string, key: string, entry: Entry<Answer>, bytes: number): void {
    while (this.#isKept(appId, key, entry)) {
      if (this.budget.take(appId, bytes)) {
        entry.bytes += bytes;
        return;
      }
      const isAppFull = this.budget.of(appId) + bytes > this.#limits.perApp;
      this.#forgetOldest(isAppFull ? appId : this.#largest(appId));
    }
  }

  #isKept(appId: string, key: string, entry: Entry<Answer>): boolean {
    return this.#apps.get(appId)?.get(key) === entry;
  }

  #forgetExpired(appId: string, now: number): void {
    for (const [key, { expiresAtMs }] of this.#apps.get(appId) ?? []) {
      if (expiresAtMs > now) return;
      this.#forget(appId, key);
    }
  }

  #forgetOldest(appId: string): void {
    const [oldest] = this.#apps.get(appId)?.keys() ?? [];
    if (oldest !== undefined) this.#forget(appId, oldest);
  }

  #largest(appId: string): string {
    let largest = appId;
    for (const id of this.#apps.keys()) if (this.budget.of(id) > this.budget.of(largest)) largest = id;
    return largest;
  }

  #forget(appId: string, key: string): void {
    const memory = this.#apps.get(appId);
    const entry = memory?.get(key);
    if (memory === undefined || entry === undefined) return;
    memory.delete(key);
    this.budget.give(appId, entry.bytes);
    if (memory.size === 0) this.#apps.delete(appId);
  }
}
