/**
 * A map that allocates no table for a single entry. An empty `Map` takes 256 bytes, and very many connections and
 * channels have one entry: a connection in one channel, a channel with one subscriber.
 */
export class SmallMap<Value> {
  #key: string | null = null;
  #value: Value | undefined = undefined;
  /** Used from the second entry on, until the map is empty again. */
  #table: Map<string, Value | undefined> | null = null;

  get size(): number {
    if (this.#table !== null) return this.#table.size;
    return this.#key === null ? 0 : 1;
  }

  has(key: string): boolean {
    return this.#table === null ? key === this.#key : this.#table.has(key);
  }

  /** Undefined if there is no such key. */
  get(key: string): Value | undefined {
    if (this.#table !== null) return this.#table.get(key);
    return key === this.#key ? this.#value : undefined;
  }

  set(key: string, value: Value): void {
    if (this.#table !== null) {
      this.#table.set(key, value);
    } else if (this.#key === null || this.#key === key) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#table = new Map([
        [this.#key, this.#value],
        [key, value],
      ]);
      this.#forgetSingle();
    }
  }

  /** Returns whether the key existed. */
  delete(key: string): boolean {
    if (this.#table !== null) {
      const wasThere = this.#table.delete(key);
      if (this.#table.size === 0) this.#table = null;
      return wasThere;
    }
    if (key !== this.#key) return false;
    this.#forgetSingle();
    return true;
  }

  *keys(): Generator<string> {
    if (this.#table !== null) yield* this.#table.keys();
    else if (this.#key !== null) yield this.#key;
  }

  *values(): Generator<Value> {
    for (const key of this.keys()) yield this.get(key) as Value;
  }

  #forgetSingle(): void {
    this.#key = null;
    this.#value = undefined;
  }
}
