/**
 * The latest texts of each app, in memory. Limited in number for each app, and in bytes for each app and for all
 * together. An app over its limit loses its oldest texts; over the total limit, the app with the most bytes does.
 */
import { ByteBudget, type ByteLimits } from "../core/byte-budget.ts";

export interface KeptText {
  /** Increases with each text of an app. */
  readonly sequence: number;
  readonly atMs: number;
  /** Must not be a slice of a larger text, which would stay in memory with it. */
  readonly text: string;
}

export interface KeptLimits extends ByteLimits {
  readonly textsPerApp: number;
}

/** Is notified of removed texts. */
export interface KeptListener {
  dropped?(appId: string, text: KeptText): void;
  /** The app's last text was removed. */
  emptied?(appId: string): void;
}

interface Shelf {
  /** Oldest first; those before `head` are dropped. */
  texts: KeptText[];
  head: number;
}

/** The estimated bytes of a text without its characters, and of an app without its texts. */
const textBytes = 120;
const shelfBytes = 300;
/** The share of the largest app's bytes that is removed at once, because finding that app is slow. */
const droppedShare = 1 / 8;

export class KeptTexts {
  readonly #limits: KeptLimits;
  readonly #budget: ByteBudget;
  readonly #listener: KeptListener;
  readonly #shelves = new Map<string, Shelf>();

  constructor(limits: KeptLimits, listener: KeptListener = {}) {
    this.#limits = limits;
    this.#budget = new ByteBudget(limits);
    this.#listener = listener;
  }

  get bytes(): number {
    return this.#budget.inAll;
  }

  add(appId: string, kept: KeptText): void {
    if (!this.#makeRoom(appId, bytesOf(kept))) this.#listener.dropped?.(appId, kept);
    else this.#shelves.get(appId)?.texts.push(kept);
  }

  /** The app's texts, oldest first. */
  of(appId: string): readonly KeptText[] {
    const shelf = this.#shelves.get(appId);
    return shelf === undefined ? [] : shelf.texts.slice(shelf.head);
  }

  has(appId: string): boolean {
    return this.#shelves.has(appId);
  }

  forget(appId: string): void {
    this.#shelves.delete(appId);
    this.#budget.give(appId, this.#budget.of(appId));
  }

  /** Counts the bytes and creates the app's shelf. Returns false if they exceed an app's limit. */
  #makeRoom(appId: string, bytes: number): boolean {
    const { perApp, inAll, textsPerApp } = this.#limits;
    if (bytes + shelfBytes > Math.min(perApp, inAll)) return false;
    const shelf = this.#shelves.get(appId);
    while (shelf !== undefined && shelf.texts.length - shelf.head >= textsPerApp)
      this.#dropOldest(appId, shelf);
    for (;;) {
      const isNew = !this.#shelves.has(appId);
      const wanted = bytes + (isNew ? shelfBytes : 0);
      if (this.#budget.take(appId, wanted)) {
        if (isNew) this.#shelves.set(appId, { texts: [], head: 0 });
        return true;
      }
      const isAppFull = this.#budget.of(appId) + wanted > perApp;
      this.#shorten(isAppFull ? appId : this.#largest(), isAppFull ? perApp - wanted : null);
    }
  }

  /** Removes the oldest texts. @param bytesMax the new size; null: an eighth less than now */
  #shorten(appId: string, bytesMax: number | null): void {
    const shelf = this.#shelves.get(appId);
    if (shelf === undefined) return;
    const target = bytesMax ?? this.#budget.of(appId) * (1 - droppedShare);
    while (this.#budget.of(appId) > target && shelf.head < shelf.texts.length) this.#dropOldest(appId, shelf);
    if (shelf.head < shelf.texts.length) return;
    this.forget(appId);
    this.#listener.emptied?.(appId);
  }

  #largest(): string {
    let largest = "";
    for (const id of this.#shelves.keys()) if (this.#budget.of(id) > this.#budget.of(largest)) largest = id;
    return largest;
  }

  #dropOldest(appId: string, shelf: Shelf): void {
    const oldest = shelf.texts[shelf.head];
    if (oldest === undefined) return;
    shelf.head += 1;
    // The array is compacted only when half of it is dropped, so that a drop is cheap on average.
    if (shelf.head * 2 >= shelf.texts.length) {
      shelf.texts = shelf.texts.slice(shelf.head);
      shelf.head = 0;
    }
    this.#budget.give(appId, bytesOf(oldest));
    this.#listener.dropped?.(appId, oldest);
  }
}

/** The maximum bytes: a character may take two. */
function bytesOf({ text }: KeptText): number {
  return text.length * 2 + textBytes;
}
