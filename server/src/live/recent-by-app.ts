/** The latest items of each app, stored as JSON, so that their size is known and they keep nothing else in memory. */
import type { Kept, KeptLimits } from "./kept-by-app.ts";
import { RecentItems, type Whose } from "./recent-items.ts";

export class RecentByApp<Item> {
  readonly #texts: RecentItems<string>;

  constructor(limits: KeptLimits, nowMs: number) {
    this.#texts = new RecentItems(limits, nowMs, (json) => json.length);
  }

  add(appId: string, atMs: number, item: Item): void {
    this.#texts.add(appId, atMs, JSON.stringify(item));
  }

  /** The app's items, oldest first. */
  *of(app: Whose): Iterable<Kept<Item>> {
    for (const { item, ...kept } of this.#texts.of(app)) yield { ...kept, item: JSON.parse(item) };
  }

  /** Since when no item of the app is missing. Unix time in milliseconds. */
  wholeSinceMs(app: Whose): number {
    return this.#texts.wholeSinceMs(app);
  }
}
