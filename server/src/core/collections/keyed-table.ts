import { randomInt } from "node:crypto";

const seed = BigInt(randomInt(2 ** 48 - 1));

/**
 * Items that are found by a text in them. It takes 16 to 24 bytes per item, a `Map` 45 to 200: the runtime makes the table of a
 * map with up to 65,536 entries four times larger each time.
 */
export class KeyedTable<Item> {
  readonly #keyOf: (item: Item) => string;
  /** In the order in which they were added, until a removal moves the last item to the gap. */
  readonly #items: Item[] = [];
  /** Positions in `#items` plus 1; 0: free. A position is in the slot of its hash, or in the next free slot after it. */
  #slots = new Uint32Array(8);

  /** @param keyOf must return the same text for as long as the item is in the table */
  constructor(keyOf: (item: Item) => string) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#items.length;
  }

  get(key: string): Item | undefined {
    return this.#items[this.#positionIn(this.#slotOf(key))];
  }

  /** No item in the table may have the same key. */
  add(item: Item): void {
    if ((this.#items.length + 1) * 4 > this.#slots.length * 3) this.#resize(this.#slots.length * 2);
    this.#slots[this.#freeSlotFor(item)] = this.#items.push(item);
  }

  /** Returns whether there was such an item. Do not call it while you iterate. */
  delete(key: string): boolean {
    const slot = this.#slotOf(key);
    const position = this.#positionIn(slot);
    if (position < 0) return false;
    const last = this.#items[this.#items.length - 1] as Item; // There is at least the item to remove.
    this.#slots[this.#slotOf(this.#keyOf(last))] = position + 1;
    this.#items[position] = last;
    this.#free(slot);
    this.#items.pop();
    if (this.#items.length * 8 < this.#slots.length) this.#resize(this.#slots.length / 2);
    return true;
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.#items.values();
  }

  /** The slot for an item that is in none. It compares no keys. */
  #freeSlotFor(item: Item): number {
    let slot = this.#firstSlotOf(this.#keyOf(item));
    while (this.#slots[slot] !== 0) slot = this.#next(slot);
    return slot;
  }

  /** The slot of the item with this key, or else a free one. */
  #slotOf(key: string): number {
    let slot = this.#firstSlotOf(key);
    for (;;) {
      const item = this.#items[this.#positionIn(slot)];
      if (item === undefined || this.#keyOf(item) === key) return slot;
      slot = this.#next(slot);
    }
  }

  /** Frees the slot, and moves positions back that are found only past it. */
  #free(freed: number): void {
    let gap = freed;
    for (let slot = this.#next(gap); ; slot = this.#next(slot)) {
      const item = this.#items[this.#positionIn(slot)];
      if (item === undefined) break;
      const first = this.#firstSlotOf(this.#keyOf(item));
      if (this.#distance(first, slot) < this.#distance(gap, slot)) continue;
      this.#slots[gap] = this.#slots[slot] ?? 0;
      gap = slot;
    }
    this.#slots[gap] = 0;
  }

  #resize(length: number): void {
    this.#slots = new Uint32Array(length);
    for (const [position, item] of this.#items.entries()) this.#slots[this.#freeSlotFor(item)] = position + 1;
  }

  /** -1 for a free slot. */
  #positionIn(slot: number): number {
    return (this.#slots[slot] ?? 0) - 1;
  }

  #firstSlotOf(key: string): number {
    return hashOf(key) & (this.#slots.length - 1);
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }

  #distance(from: number, to: number): number {
    return (to - from) & (this.#slots.length - 1);
  }
}

/** Clients choose the keys. They do not know the seed, so they cannot choose keys that share a slot. */
function hashOf(key: string): number {
  return Number(BigInt.asUintN(32, BigInt(Bun.hash(key, seed))));
}
