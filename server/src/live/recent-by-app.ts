/** The latest things of each app, in memory: bounded for an app and over all apps, and honest about what is gone. */
import type { App } from "../core/app.ts";
import { type KeptLimits, KeptTexts } from "./kept-texts.ts";

export interface Kept<Item> {
  /** Grows with time, also where an app was forgotten in between. */
  readonly sequence: number;
  readonly atMs: number;
  readonly item: Item;
}

/** An app, and since when it is this one: of an older app with the same id nothing is told. */
type Whose = Pick<App, "id" | "createdAtMs">;

/** Items are kept as JSON: so they take what they weigh, and hold nothing else in memory. */
export class RecentByApp<Item> {
  readonly #texts: KeptTexts;
  /** Nothing is missing from here on, of apps of which something is kept. */
  readonly #wholeSince = new Map<string, number>();
  #sequence = 0;
  /** The same, for an app of which nothing is kept. */
  #wholeSinceMs: number;

  constructor(limits: KeptLimits, nowMs: number) {
    this.#wholeSinceMs = nowMs;
    this.#texts = new KeptTexts(limits, {
      dropped: (appId, { atMs }) => void this.#wholeSince.set(appId, atMs + 1),
      emptied: (appId) => this.#forgetApp(appId),
    });
  }

  add(appId: string, atMs: number, item: Item): void {
    if (!this.#wholeSince.has(appId)) this.#wholeSince.set(appId, this.#wholeSinceMs);
    this.#sequence += 1;
    this.#texts.add(appId, { sequence: this.#sequence, atMs, text: JSON.stringify(item) });
    // It was larger than all that an app may keep.
    if (!this.#texts.has(appId)) this.#forgetApp(appId);
  }

  /** The oldest first. */
  *of(app: Whose): Iterable<Kept<Item>> {
    for (const { sequence, atMs, text } of this.#texts.of(app.id))
      if (atMs >= app.createdAtMs) yield { sequence, atMs, item: JSON.parse(text) };
  }

  /** The moment from which on nothing of the app is missing. */
  wholeSinceMs(app: Whose): number {
    return Math.max(app.createdAtMs, this.#wholeSince.get(app.id) ?? this.#wholeSinceMs);
  }

  #forgetApp(appId: string): void {
    this.#wholeSinceMs = Math.max(this.#wholeSinceMs, this.#wholeSince.get(appId) ?? 0);
    this.#wholeSince.delete(appId);
  }
}
