/**
 * The latest items of each app, in memory. Limited for each app and for all apps; it reports since when no item is
 * missing.
 */
import type { App } from "../core/apps/app.ts";
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import { type Kept, KeptByApp, type KeptLimits } from "./kept-by-app.ts";

/** An app and its creation time: items of an older app with the same id are not returned. */
export type AppRef = Pick<App, "id" | "createdAtMs">;

export class RecentItems<Item> {
  readonly #kept: KeptByApp<Item>;
  /** Since when no item is missing, for apps with stored items. */
  readonly #wholeSince = new Map<string, number>();
  /** Increases over time, even if an app's items were removed in between. */
  #sequence = 0;
  /** Since when no item is missing, for apps without stored items. */
  #wholeSinceMs: number;

  constructor(limits: KeptLimits, nowMs: number, charactersOf: (item: Item) => number) {
    this.#wholeSinceMs = nowMs;
    this.#kept = new KeptByApp(limits, charactersOf, {
      dropped: (appId, atMs) => void this.#wholeSince.set(appId, atMs + 1),
      emptied: (appId) => this.#forgetApp(appId),
    });
  }

  get budget(): ByteBudget {
    return this.#kept.budget;
  }

  add(appId: string, atMs: number, item: Item): void {
    if (!this.#wholeSince.has(appId)) this.#wholeSince.set(appId, this.#wholeSinceMs);
    this.#sequence += 1;
    this.#kept.add(appId, { sequence: this.#sequence, atMs, item });
    // The item was larger than an app's limit.
    if (!this.#kept.has(appId)) this.#forgetApp(appId);
  }

  /** The app's items, oldest first. */
  of(app: AppRef): readonly Kept<Item>[] {
    return this.#kept.of(app.id).filter(({ atMs }) => atMs >= app.createdAtMs);
  }

  /** Since when no item of the app is missing. Unix time in milliseconds. */
  wholeSinceMs(app: AppRef): number {
    return Math.max(app.createdAtMs, this.#wholeSince.get(app.id) ?? this.#wholeSinceMs);
  }

  #forgetApp(appId: string): void {
    this.#wholeSinceMs = Math.max(this.#wholeSinceMs, this.#wholeSince.get(appId) ?? 0);
    this.#wholeSince.delete(appId);
  }
}
