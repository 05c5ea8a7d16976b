/** The newest rows of a live feed, up to a limit, in their order however they come. */
import type { LiveEntry, LiveGap } from "../../../server/src/admin-api/contracts/live.ts";

export type LogRow =
  | { readonly kind: "entry"; readonly key: string; readonly order: number; readonly entry: LiveEntry }
  | { readonly kind: "gap"; readonly key: string; readonly order: number; readonly gap: LiveGap };

export const rowsMax = 5_000;
/** More than one time of watching has entries. */
const epochSize = 2 ** 40;

export class LiveRows {
  #rows: readonly LogRow[] = [];
  #waiting: LogRow[] = [];
  #lastOrder = 0;
  /** Up to here they were cleared away. */
  #clearedOrder = 0;
  readonly #epochs: string[] = [];
  #count = 0;
  #dropped = 0;

  get rows(): readonly LogRow[] {
    return this.#rows;
  }

  /** All that ever came. */
  get count(): number {
    return this.#count;
  }

  /** The oldest, which made room. */
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

  /** Takes in what has come since the last time. Those that were new, where all of them belong at the end; else null. */
  settle(): readonly LogRow[] | null {
    const waiting = this.#waiting.filter(({ order }) => order > this.#clearedOrder);
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

  clear(): void {
    this.settle();
    this.#clearedOrder = this.#lastOrder;
    this.#rows = [];
  }

  /** A page out of sight draws nothing, so that nothing is settled: it must not grow meanwhile. */
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
