/** The latest items of each app, stored as JSON: their size is known, and they hold no other objects in memory. */
import type { Kept, KeptLimits } from "./kept-by-app.ts";
import { type AppRef, RecentItems } from "./recent-items.ts";

export class RecentByApp<Item> {
  readonly #texts: RecentItems<string>;

  constructor(limits: KeptLimits, nowMs: number) {
    this.#texts = new RecentItems(limits, nowMs, (json) => json.length);
  }

  add(appId: string, atMs: number, item: Item): void {
    this.#texts.add(appId, atMs, JSON.stringify(item));
  }

  /**
   * The app's items, oldest first.
   * @param containing returns only items with this text in their JSON, which saves parsing the others
   */
  *of(app: AppRef, containing = ""): Iterable<Kept<Item>> {
    const part = JSON.stringify(containing).slice(1, -1);
    for (const { item, ...kept } of this.#texts.of(app))
      if (item.includes(part)) yield { ...kept, item: JSON.parse(item) };
  }

  /** Since when no item of the app is missing. Unix time in milliseconds. */
  wholeSinceMs(app: AppRef): number {
    return this.#texts.wholeSinceMs(app);
  }
}
