/**
 * The latest items of each app, in memory. Limited for each app and for all apps; it reports since when no item is
 * missing.
 */
import type { App } from "../core/apps/app.ts";
import type { BudgetUse } from "../core/limits/byte-budget.ts";
import { type Kept, KeptByApp, type KeptLimits } from "./kept-by-app.ts";

/** An app and its creation time: items of an older app with the same id are not returned. */
export type AppRef = Pick<App, "id" | "createdAtMs">;

export class RecentItems<Item> {
  readonly #kept: KeptByApp<Item>;
  /** Increases over time, even if an app's items were removed in between. */
  #sequence = 0;

  constructor(limits: KeptLimits, nowMs: number, charactersOf: (item: Item) => number) {
    this.#kept = new KeptByApp(limits, nowMs, charactersOf);
  }

  get budget(): BudgetUse {
    return this.#kept;
  }

  add(appId: string, atMs: number, item: Item): void {
    this.#sequence += 1;
    this.#kept.add(appId, this.#sequence, atMs, item);
  }

  /** The app's items, oldest first. */
  of(app: AppRef): readonly Kept<Item>[] {
    return this.#kept.itemsOf(app.id).filter(({ atMs }) => atMs >= app.createdAtMs);
  }

  /** Since when no item of the app is missing. Unix time in milliseconds. */
  wholeSinceMs(app: AppRef): number {
    return Math.max(app.createdAtMs, this.#kept.wholeSinceMs(app.id));
  }
}
