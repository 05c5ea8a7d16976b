/**
 * The latest items of each app, in memory. Limited in number for each app, and in bytes for each app and for all
 * together. An app over its limit loses its oldest items. Over the total limit, the app with the most bytes loses its
 * oldest items.
 */

import { Fifo } from "../core/collections/fifo.ts";
import { ByteBudget, type ByteLimits } from "../core/limits/byte-budget.ts";

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

/** Is notified of removed items. */
export interface KeptListener {
  dropped?(appId: string, atMs: number): void;
  /** The app's last item was removed. */
  emptied?(appId: string): void;
}

/** The estimated bytes of an item without its characters, and of an app without its items. */
const itemBytes = 120;
const appBytes = 300;
/** The share of the largest app's bytes that is removed in one step, because finding that app is slow. */
const droppedShare = 1 / 8;

export class KeptByApp<Item> {
  readonly #limits: KeptLimits;
  readonly budget: ByteBudget;
  readonly #listener: KeptListener;
  readonly #charactersOf: (item: Item) => number;
  readonly #apps = new Map<string, Fifo<Kept<Item>>>();

  constructor(limits: KeptLimits, charactersOf: (item: Item) => number, listener: KeptListener = {}) {
    this.#limits = limits;
    this.#charactersOf = charactersOf;
    this.budget = new ByteBudget(limits);
    this.#listener = listener;
  }

  get bytes(): number {
    return this.budget.inAll;
  }

  add(appId: string, kept: Kept<Item>): void {
    if (!this.#makeRoom(appId, this.#bytesOf(kept.item))) this.#listener.dropped?.(appId, kept.atMs);
    else this.#apps.get(appId)?.push(kept);
  }

  /** The app's items, oldest first. */
  of(appId: string): readonly Kept<Item>[] {
    return this.#apps.get(appId)?.newest() ?? [];
  }

  has(appId: string): boolean {
    return this.#apps.has(appId);
  }

  forget(appId: string): void {
    this.#apps.delete(appId);
    this.budget.give(appId, this.budget.of(appId));
  }

  /** Counts the bytes and creates the app's queue. Returns false if they exceed an app's limit. */
  #makeRoom(appId: string, bytes: number): boolean {
    const { perApp, inAll, itemsPerApp } = this.#limits;
    if (bytes + appBytes > Math.min(perApp, inAll)) return false;
    const items = this.#apps.get(appId);
    while (items !== undefined && items.length >= itemsPerApp) this.#dropOldest(appId, items);
    for (;;) {
      const isNew = !this.#apps.has(appId);
      const wanted = bytes + (isNew ? appBytes : 0);
      if (this.budget.take(appId, wanted)) {
        if (isNew) this.#apps.set(appId, new Fifo());
        return true;
      }
      const isAppFull = this.budget.of(appId) + wanted > perApp;
      this.#shorten(isAppFull ? appId : this.#largest(), isAppFull ? perApp - wanted : null);
    }
  }

  /** Removes the oldest items. @param bytesMax the new size; null: an eighth less than now */
  #shorten(appId: string, bytesMax: number | null): void {
    const items = this.#apps.get(appId);
    if (items === undefined) return;
    const target = bytesMax ?? this.budget.of(appId) * (1 - droppedShare);
    while (this.budget.of(appId) > target && items.length > 0) this.#dropOldest(appId, items);
    if (items.length > 0) return;
    this.forget(appId);
    this.#listener.emptied?.(appId);
  }

  #largest(): string {
    let largest = "";
    for (const id of this.#apps.keys()) if (this.budget.of(id) > this.budget.of(largest)) largest = id;
    return largest;
  }

  #dropOldest(appId: string, items: Fifo<Kept<Item>>): void {
    const oldest = items.shift();
    if (oldest === undefined) return;
    this.budget.give(appId, this.#bytesOf(oldest.item));
    this.#listener.dropped?.(appId, oldest.atMs);
  }

  /** The maximum bytes: a character may take two. */
  #bytesOf(item: Item): number {
    return this.#charactersOf(item) * 2 + itemBytes;
  }
}
