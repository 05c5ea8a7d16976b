/** The newest rows of a live feed, up to a limit, sorted by entry id for any order of arrival. */
import type { LiveEntry, LiveGap } from "@soketify/admin";

export type LogRow =
  | { readonly kind: "entry"; readonly key: string; readonly order: number; readonly entry: LiveEntry }
  | { readonly kind: "gap"; readonly key: string; readonly order: number; readonly gap: LiveGap };

export const rowsMax = 5_000;
/** More than the number of entries that one epoch can have. */
const epochSize = 2 ** 40;

export class LiveRows {
  #rows: readonly LogRow[] = [];
  #waiting: LogRow[] = [];
  #lastOrder = 0;
  readonly #epochs: string[] = [];
  #count = 0;
  #dropped = 0;

  get rows(): readonly LogRow[] {
    return this.#rows;
  }

  /** The number of rows received so far. */
  get count(): number {
    return this.#count;
  }

  /** The number of oldest rows dropped to stay below the limit. */
  get dropped(): number {
    return this.#dropped;
  }

  addEntry(entry: LiveEntry): void {
    this.#wait({ kind: "entry", key: entry.id, order: this.#orderOf(entry.id), entry });
  }

  addGap(gap: LiveGap): void {
    const order = Math.max(this.#lastOrder, this.#waiting.at(-1)?.order ?? 0) + 0.5;
    this.#wait({ kind: "gap", key: `gap ${order}`, order, gap });
  }

  /**
   * Merges the rows that arrived since the last call. Returns them if all belong at the end; null if some belong
   * earlier.
   */
  settle(): readonly LogRow[] | null {
    const waiting = this.#waiting;
    this.#waiting = [];
    const isInOrder = waiting.every(
      ({ order }, index) => order > (waiting[index - 1]?.order ?? this.#lastOrder),
    );
    const rows = isInOrder ? [...this.#rows, ...waiting] : merged(this.#rows, waiting);
    this.#count += rows.length - this.#rows.length;
    this.#dropped += Math.max(0, rows.length - rowsMax);
    this.#rows = rows.slice(-rowsMax);
    this.#lastOrder = this.#rows.at(-1)?.order ?? this.#lastOrder;
    return isInOrder ? waiting : null;
  }

  /**
   * A hidden page draws no frames and so never settles: without this limit its waiting rows would grow without bound.
   */
  #wait(row: LogRow): void {
    this.#waiting.push(row);
    if (this.#waiting.length >= rowsMax * 2) this.settle();
  }

  #orderOf(id: string): number {
    const [epoch = "", sequence] = id.split("-");
    let index = this.#epochs.indexOf(epoch);
    if (index < 0) index = this.#epochs.push(epoch) - 1;
    return index * epochSize + Number(sequence);
  }
}

function merged(rows: readonly LogRow[], more: readonly LogRow[]): LogRow[] {
  const byKey = new Map([...rows, ...more].map((row) => [row.key, row]));
  return [...byKey.values()].sort((a, b) => a.order - b.order);
}
