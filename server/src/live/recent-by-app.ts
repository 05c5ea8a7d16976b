/**
 * The latest items of each app, in memory. Limited for each app and for all apps; it reports since when no item is
 * missing.
 */
import type { App } from "../core/app.ts";
import { type KeptLimits, KeptTexts } from "./kept-texts.ts";

export interface Kept<Item> {
  /** Increases over time, even if the app's items were removed in between. */
  readonly sequence: number;
  readonly atMs: number;
  readonly item: Item;
}

/** An app and its creation time: items of an older app with the same id are not returned. */
type Whose = Pick<App, "id" | "createdAtMs">;

/** Items are stored as JSON, so that their size is known and they keep nothing else in memory. */
export class RecentByApp<Item> {
  readonly #texts: KeptTexts;
  /** Since when no item is missing, for apps with stored items. */
  readonly #wholeSince = new Map<string, number>();
  #sequence = 0;
  /** Since when no item is missing, for apps without stored items. */
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
    // The item was larger than an app's limit.
    if (!this.#texts.has(appId)) this.#forgetApp(appId);
  }

  /** The app's items, oldest first. */
  *of(app: Whose): Iterable<Kept<Item>> {
    for (const { sequence, atMs, text } of this.#texts.of(app.id))
      if (atMs >= app.createdAtMs) yield { sequence, atMs, item: JSON.parse(text) };
  }

  /** Since when no item of the app is missing. Unix time in milliseconds. */
  wholeSinceMs(app: Whose): number {
    return Math.max(app.createdAtMs, this.#wholeSince.get(app.id) ?? this.#wholeSinceMs);
  }

  #forgetApp(appId: string): void {
    this.#wholeSinceMs = Math.max(this.#wholeSinceMs, this.#wholeSince.get(appId) ?? 0);
    this.#wholeSince.delete(appId);
  }
}
