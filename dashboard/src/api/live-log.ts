/** One app's live feed in memory: the newest rows up to a limit, and the gaps where entries were lost. */
import { type LiveFilter, liveMatcher } from "./live-filter.ts";
import { LiveRows, type LogRow, rowsMax } from "./live-rows.ts";
import { type FeedState, type Listening, type LiveNews, listenLive } from "./live-stream.ts";

export interface LogSnapshot {
  /** The rows that match the filter. */
  readonly rows: readonly LogRow[];
  readonly state: FeedState;
  /** The server's time from which on no row is missing; null: not connected yet. */
  readonly beginsAt: string | null;
  /** The number of rows received so far. */
  readonly count: number;
  /** The number of oldest rows that this page dropped to stay below its limit. */
  readonly dropped: number;
}

/** The pause after a draw, as a multiple of the draw's duration. */
const restPerDraw = 4;

export class LiveLog {
  readonly #appId: string;
  readonly #held = new LiveRows();
  #filter: LiveFilter;
  #listening: Listening | null = null;
  #frame = 0;
  #restUntilMs = 0;
  #snapshot: LogSnapshot = { rows: [], state: "connecting", beginsAt: null, count: 0, dropped: 0 };
  readonly #listeners = new Set<() => void>();

  constructor(appId: string, filter: LiveFilter) {
    this.#appId = appId;
    this.#filter = filter;
  }

  /** For useSyncExternalStore: rows arrive only while there is a listener. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#listening ??= listenLive(this.#appId, this.#filter, (news) => this.#receive(news));
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#listening?.leave();
      this.#listening = null;
    };
  };

  readonly snapshot = (): LogSnapshot => this.#snapshot;

  /** Filters the rows in memory immediately. Older matching rows that the server still has arrive shortly after. */
  setFilter(filter: LiveFilter): void {
    this.#filter = filter;
    this.#draw(null);
    this.#listening?.setFilter(filter);
  }

  #receive(news: LiveNews): void {
    if (news.kind === "state") {
      this.#set({ state: news.state });
      return;
    }
    if (news.kind === "begin") {
      if (this.#snapshot.beginsAt === null) this.#set({ beginsAt: news.at });
      return;
    }
    if (news.kind === "entry") this.#held.addEntry(news.entry);
    else this.#held.addGap(news.gap);
    this.#drawSoon();
  }

  /** Draws at most once per frame, and less often if drawing is slow, so that the page stays responsive. */
  #drawSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const startMs = performance.now();
      if (startMs < this.#restUntilMs) return this.#drawSoon();
      this.#draw(this.#held.settle());
      // React renders in a microtask of its own, which is before this one.
      queueMicrotask(() => {
        const endMs = performance.now();
        this.#restUntilMs = endMs + (endMs - startMs) * restPerDraw;
      });
    });
  }

  /** @param added the new rows at the end; null filters all rows again */
  #draw(added: readonly LogRow[] | null): void {
    const isWanted = liveMatcher(this.#filter);
    const wanted = (rows: readonly LogRow[]) =>
      rows.filter((row) => row.kind === "gap" || isWanted(row.entry));
    const { rows, count, dropped } = this.#held;
    const oldest = rows[0]?.order ?? 0;
    const shown =
      added === null
        ? wanted(rows)
        : [...this.#snapshot.rows, ...wanted(added)].slice(-rowsMax).filter(({ order }) => order >= oldest);
    this.#set({ rows: shown, count, dropped });
  }

  #set(change: Partial<LogSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}
