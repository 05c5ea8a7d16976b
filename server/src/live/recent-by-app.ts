/**
 * The latest things of each app, in memory: bounded for an app and over all apps, and honest about what is gone. Where
 * all apps together have too many, the one that was quiet longest is forgotten.
 */
import type { App } from "../core/app.ts";

export interface Kept<Item> {
  /** Grows with time, also where an app was forgotten in between. */
  readonly sequence: number;
  readonly atMs: number;
  readonly item: Item;
}

export interface RecentMax {
  readonly perApp: number;
  /** Over all apps; at least that of one. */
  readonly inAll: number;
}

/** An app, and since when it is this one: of an older app with the same id nothing is told. */
type Whose = Pick<App, "id" | "createdAtMs">;

/** A ring: once it is full, `oldest` is where the next item goes. */
interface Ring<Item> {
  readonly items: Item[];
  /** When each of them was added. */
  readonly times: number[];
  oldest: number;
  firstSequence: number;
  /** Nothing is missing from here on. */
  wholeSinceMs: number;
}

export class RecentByApp<Item> {
  readonly #max: RecentMax;
  /** The one that was quiet longest comes first. */
  readonly #rings = new Map<string, Ring<Item>>();
  #itemCount = 0;
  #nextSequence = 0;
  /** For an app of which nothing is kept. */
  #wholeSinceMs: number;

  constructor(max: RecentMax, nowMs: number) {
    this.#max = max;
    this.#wholeSinceMs = nowMs;
  }

  add(appId: string, atMs: number, item: Item): void {
    const ring = this.#latest(appId);
    const place = ring.oldest;
    const overwrittenAtMs = ring.times[place];
    this.#nextSequence += 1;
    if (ring.items.length < this.#max.perApp || overwrittenAtMs === undefined) {
      ring.items.push(item);
      ring.times.push(atMs);
      this.#itemCount += 1;
      if (this.#itemCount > this.#max.inAll) this.#forgetQuietest();
      return;
    }
    ring.wholeSinceMs = overwrittenAtMs + 1;
    ring.items[place] = item;
    ring.times[place] = atMs;
    ring.oldest = (place + 1) % ring.items.length;
    ring.firstSequence += 1;
  }

  /** The oldest first. */
  *of(app: Whose): Iterable<Kept<Item>> {
    const ring = this.#rings.get(app.id);
    if (ring === undefined) return;
    const { items, times, oldest, firstSequence } = ring;
    for (let age = 0; age < items.length; age++) {
      const place = (oldest + age) % items.length;
      const [item, atMs] = [items[place], times[place]];
      if (item !== undefined && atMs !== undefined && atMs >= app.createdAtMs)
        yield { sequence: firstSequence + age, atMs, item };
    }
  }

  /** The moment from which on nothing of the app is missing. */
  wholeSinceMs(app: Whose): number {
    return Math.max(app.createdAtMs, this.#rings.get(app.id)?.wholeSinceMs ?? this.#wholeSinceMs);
  }

  #latest(appId: string): Ring<Item> {
    const ring = this.#rings.get(appId) ?? {
      items: [],
      times: [],
      oldest: 0,
      firstSequence: this.#nextSequence,
      wholeSinceMs: this.#wholeSinceMs,
    };
    this.#rings.delete(appId);
    this.#rings.set(appId, ring);
    return ring;
  }

  #forgetQuietest(): void {
    const [quietest] = this.#rings;
    if (quietest === undefined) return;
    const [appId, { times, oldest }] = quietest;
    const latestAtMs = times.at(oldest - 1) ?? 0;
    this.#rings.delete(appId);
    this.#itemCount -= times.length;
    this.#wholeSinceMs = Math.max(this.#wholeSinceMs, latestAtMs + 1);
  }
}
