/** The event cache of a node that is alone. Bounded: the channel that was set longest ago makes room. */
import type { Clock } from "../core/ports/clock.ts";
import type { CachedEvent, EventCache } from "../core/ports/event-cache.ts";

interface Entry {
  readonly event: CachedEvent;
  readonly expiresAtMs: number;
}

export class MemoryEventCache implements EventCache {
  readonly #clock: Clock;
  readonly #channelsMax: number;
  readonly #entries = new Map<string, Entry>();
  /** Channels whose miss was noted and that have had no event since. */
  readonly #missed = new Set<string>();

  constructor(clock: Clock, channelsMax: number) {
    this.#clock = clock;
    this.#channelsMax = channelsMax;
  }

  async set(appId: string, channel: string, event: CachedEvent, ttlMs: number): Promise<void> {
    const key = keyOf(appId, channel);
    this.#missed.delete(key);
    this.#entries.delete(key);
    this.#entries.set(key, { event, expiresAtMs: this.#clock.now() + ttlMs });
    if (this.#entries.size > this.#channelsMax) this.#makeRoom();
  }

  async get(appId: string, channel: string): Promise<(CachedEvent & { readonly ttlMs: number }) | null> {
    const key = keyOf(appId, channel);
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const ttlMs = entry.expiresAtMs - this.#clock.now();
    if (ttlMs > 0) return { ...entry.event, ttlMs };
    this.#entries.delete(key);
    return null;
  }

  async noteMiss(appId: string, channel: string): Promise<boolean> {
    const key = keyOf(appId, channel);
    if (this.#missed.has(key)) return false;
    this.#missed.add(key);
    return true;
  }

  async forgetMiss(appId: string, channel: string): Promise<void> {
    this.#missed.delete(keyOf(appId, channel));
  }

  #makeRoom(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}

function keyOf(appId: string, channel: string): string {
  return `${appId}/${channel}`;
}
