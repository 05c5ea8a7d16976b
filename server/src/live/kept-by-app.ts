/**
 * The latest items of each app, in memory. Limited in number for each app, and in bytes for each app and for all
 * together. An app over its limit loses its oldest items. Over the total limit, the app with the most bytes loses its
 * oldest items.
 */

import { Fifo } from "../core/collections/fifo.ts";
import type { BudgetUse, ByteLimits } from "../core/limits/byte-budget.ts";

export interface Kept<Item> {
  /** Increases with each item of an app. */
  readonly sequence: number;
  readonly atMs: number;
  /** Its texts must not be slices of larger ones, which would stay in memory with them. */
  readonly item: Item;
}

export interface KeptLimits extends ByteLimits {
  readonly itemsPerApp: number;
}

interface Stored<Item> extends Kept<Item> {
  /** Its own bytes, so that an item need not be read again when it is removed: by then it is far from any cache. */
  readonly bytes: number;
}

/** One app's items. A publish looks it up once: each further lookup by the app's id would cost as much again. */
interface KeptOfApp<Item> {
  readonly id: string;
  readonly items: Fifo<Stored<Item>>;
  bytes: number;
  /** Since when no item is missing. Unix time in milliseconds. */
  wholeSinceMs: number;
}

/** The estimated bytes of an item without its characters, and of an app without its items. */
const itemBytes = 120;
const appBytes = 300;
/** The share of the largest app's bytes that is removed in one step, because finding that app is slow. */
const droppedShare = 1 / 8;

export class KeptByApp<Item> implements BudgetUse {
  readonly limits: KeptLimits;
  readonly #charactersOf: (item: Item) => number;
  readonly #apps = new Map<string, KeptOfApp<Item>>();
  #inAll = 0;
  #peakInAll = 0;
  /** Since when no item is missing, for apps without stored items. */
  #wholeSinceMs: number;

  /** @param nowMs the time since which items are added */
  constructor(limits: KeptLimits, nowMs: number, charactersOf: (item: Item) => number) {
    this.limits = limits;
    this.#wholeSinceMs = nowMs;
    this.#charactersOf = charactersOf;
  }

  get inAll(): number {
    return this.#inAll;
  }

  get peakInAll(): number {
    return this.#peakInAll;
  }

  of(appId: string): number {
    return this.#apps.get(appId)?.bytes ?? 0;
  }

  /** @param sequence increases with each item of an app */
  add(appId: string, sequence: number, atMs: number, item: Item): void {
    const { perApp, inAll, itemsPerApp } = this.limits;
    // A character may take two bytes.
    const bytes = this.#charactersOf(item) * 2 + itemBytes;
    if (bytes + appBytes > Math.min(perApp, inAll)) {
      this.#skip(appId, atMs);
      return;
    }
    const app = this.#apps.get(appId) ?? this.#enter(appId);
    while (app.items.length >= itemsPerApp || app.bytes + bytes > perApp) this.#dropOldest(app);
    while (this.#inAll + bytes > inAll) this.#shortenLargest(app);
    app.items.push({ sequence, atMs, item, bytes });
    app.bytes += bytes;
    this.#inAll += bytes;
    this.#peakInAll = Math.max(this.#peakInAll, this.#inAll);
  }

  /** The app's items, oldest first. */
  itemsOf(appId: string): readonly Kept<Item>[] {
    return this.#apps.get(appId)?.items.newest() ?? [];
  }

  /** Since when no item of the app is missing. Unix time in milliseconds. */
  wholeSinceMs(appId: string): number {
    return this.#apps.get(appId)?.wholeSinceMs ?? this.#wholeSinceMs;
  }

  forget(appId: string): void {
    const app = this.#apps.get(appId);
    if (app === undefined) return;
    this.#apps.delete(appId);
    this.#inAll -= app.bytes;
    this.#wholeSinceMs = Math.max(this.#wholeSinceMs, app.wholeSinceMs);
  }

  #enter(appId: string): KeptOfApp<Item> {
    const app = {
      id: appId,
      items: new Fifo<Stored<Item>>(),
      bytes: appBytes,
      wholeSinceMs: this.#wholeSinceMs,
    };
    this.#apps.set(appId, app);
    this.#inAll += appBytes;
    return app;
  }

  /** Stores nothing of an item that is larger than an app's limit. */
  #skip(appId: string, atMs: number): void {
    const app = this.#apps.get(appId);
    if (app === undefined) this.#wholeSinceMs = Math.max(this.#wholeSinceMs, atMs + 1);
    else app.wholeSinceMs = atMs + 1;
  }

  /** @param spared the app that gets an item: it stays, even without items */
  #shortenLargest(spared: KeptOfApp<Item>): void {
    let largest = spared;
    for (const app of this.#apps.values()) if (app.bytes > largest.bytes) largest = app;
    const target = largest.bytes * (1 - droppedShare);
    while (largest.bytes > target && largest.items.length > 0) this.#dropOldest(largest);
    if (largest.items.length === 0 && largest !== spared) this.forget(largest.id);
  }

  #dropOldest(app: KeptOfApp<Item>): void {
    const oldest = app.items.shift();
    if (oldest === undefined) return;
    app.bytes -= oldest.bytes;
    this.#inAll -= oldest.bytes;
    app.wholeSinceMs = oldest.atMs + 1;
  }
}
