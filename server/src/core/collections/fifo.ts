/** A first-in, first-out queue whose oldest item is removed in constant time on average. */
export class Fifo<Item> {
  /** Oldest first. Items before `#head` were removed and are null, so that their memory can be freed immediately. */
  #items: (Item | null)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get oldest(): Item | undefined {
    return this.#items[this.#head] ?? undefined;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Removes the oldest item, and returns it; undefined: there is none. */
  shift(): Item | undefined {
    const oldest = this.oldest;
    if (oldest === undefined) return undefined;
    this.#items[this.#head] = null;
    this.#head += 1;
    // The array is compacted only when half of it is removed, so that a removal is cheap on average.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return oldest;
  }

  /** The newest items, oldest first. @param countMax the maximum number of items; default: all */
  newest(countMax = Number.POSITIVE_INFINITY): Item[] {
    const start = Math.max(this.#head, this.#items.length - countMax);
    return this.#items.slice(start) as Item[]; // Only removed items are null.
  }
}
