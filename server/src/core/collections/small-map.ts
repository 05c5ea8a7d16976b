/**
 * A map that allocates no table for a single entry. An empty `Map` takes 256 bytes, and very many connections and
 * channels have one entry: a connection in one channel, a channel with one subscriber.
 */
export class SmallMap<Value> {
  /** The only key; the table from the second entry on, until the map is empty again; null: no entry. */
  #keys: string | Map<string, Value | undefined> | null = null;
  /** The value of the only key. */
  #value: Value | undefined = undefined;

  /** No getter: the runtime reserves a field in a small object for each getter of its class. */
  size(): number {
    if (this.#keys === null) return 0;
    return typeof this.#keys === "string" ? 1 : this.#keys.size;
  }

  has(key: string): boolean {
    return isTable(this.#keys) ? this.#keys.has(key) : key === this.#keys;
  }

  /** Undefined if there is no such key. */
  get(key: string): Value | undefined {
    if (isTable(this.#keys)) return this.#keys.get(key);
    return key === this.#keys ? this.#value : undefined;
  }

  set(key: string, value: Value): void {
    if (isTable(this.#keys)) {
      this.#keys.set(key, value);
    } else if (this.#keys === null || this.#keys === key) {
      this.#keys = key;
      this.#value = value;
    } else {
      this.#keys = new Map([
        [this.#keys, this.#value],
        [key, value],
      ]);
      this.#value = undefined;
    }
  }

  /** Returns whether the key existed. */
  delete(key: string): boolean {
    if (isTable(this.#keys)) {
      const wasThere = this.#keys.delete(key);
      if (this.#keys.size === 0) this.#keys = null;
      return wasThere;
    }
    if (key !== this.#keys) return false;
    this.#keys = null;
    this.#value = undefined;
    return true;
  }

  *keys(): Generator<string> {
    if (isTable(this.#keys)) yield* this.#keys.keys();
    else if (this.#keys !== null) yield this.#keys;
  }

  *values(): Generator<Value> {
    for (const key of this.keys()) yield this.get(key) as Value;
  }
}

function isTable<Table>(keys: string | Table | null): keys is Table {
  return typeof keys !== "string" && keys !== null;
}
