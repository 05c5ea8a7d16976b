/** The live feed of one app, held in memory: the newest rows up to a limit, and what was lost. */
import { type LiveFilter, liveMatcher } from "./live-filter.ts";
import { LiveRows, type LogRow, rowsMax } from "./live-rows.ts";
import { type FeedState, type Listening, type LiveNews, listenLive } from "./live-stream.ts";

export interface LogSnapshot {
  /** Those that the filter lets through. */
  readonly rows: readonly LogRow[];
  readonly state: FeedState;
  /** Rows that ever came. */
  readonly count: number;
  /** Those of them that this page has dropped again, the oldest. */
  readonly dropped: number;
}

export class LiveLog {
  readonly #appId: string;
  readonly #held = new LiveRows();
  #filter: LiveFilter;
  #listening: Listening | null = null;
  #frame = 0;
  #snapshot: LogSnapshot = { rows: [], state: "connecting", count: 0, dropped: 0 };
  readonly #listeners = new Set<() => void>();

  constructor(appId: string, filter: LiveFilter) {
    this.#appId = appId;
    this.#filter = filter;
  }

  /** For useSyncExternalStore: rows come while somebody listens. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#listening ??= listenLive(this.#appId, this.#filter, (news) => this.#hear(news));
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#listening?.leave();
      this.#listening = null;
    };
  };

  readonly snapshot = (): LogSnapshot => this.#snapshot;

  /** Counts at once for what is here; what the server still has of the past and the future comes a moment later. */
  setFilter(filter: LiveFilter): void {
    this.#filter = filter;
    this.#draw(null);
    this.#listening?.setFilter(filter);
  }

  clear(): void {
    this.#held.clear();
    this.#draw(null);
  }

  #hear(news: LiveNews): void {
    if (news.kind === "state") {
      this.#set({ state: news.state });
      return;
    }
    if (news.kind === "entry") this.#held.addEntry(news.entry);
    else this.#held.addGap(news.gap);
    this.#drawSoon();
  }

  /** Once a frame, however many come. */
  #drawSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw(this.#held.settle());
    });
  }

  /** @param added null: everything is looked at again */
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
