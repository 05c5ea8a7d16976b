/** The live feed of one app, held in memory: the newest rows up to a limit, and what was lost. */
import type { LiveEnd, LiveEntry, LiveGap } from "../../../server/src/admin-api/live-contract.ts";
import { apiUrl } from "./client.ts";
import { type LiveFilter, liveMatcher } from "./live-filter.ts";
import { LiveRows, type LogRow, rowsMax } from "./live-rows.ts";

const reopenAfterMs = 1_000;
/** Somebody who types a filter is not done with each letter. */
const filterSettlesMs = 250;

export type FeedState = "connecting" | "open" | "away" | LiveEnd["reason"];

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
  #source: EventSource | null = null;
  #lastId: string | null = null;
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #snapshot: LogSnapshot = { rows: [], state: "connecting", count: 0, dropped: 0 };
  readonly #listeners = new Set<() => void>();

  constructor(appId: string, filter: LiveFilter) {
    this.#appId = appId;
    this.#filter = filter;
  }

  /** For useSyncExternalStore: the stream is open while somebody listens. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#source === null) this.#open(this.#lastId);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  readonly snapshot = (): LogSnapshot => this.#snapshot;

  /** Counts at once for what is here; what the server still has of the past and the future comes a moment later. */
  setFilter(filter: LiveFilter): void {
    this.#filter = filter;
    this.#draw(null);
    if (this.#source !== null) this.#openLater(filterSettlesMs, "kept");
  }

  clear(): void {
    this.#held.clear();
    this.#draw(null);
  }

  #open(after: string | null): void {
    this.#close();
    const filter = { ...this.#filter, ...(after === null ? {} : { after }) };
    const source = new EventSource(apiUrl("/apps/{appId}/live", { appId: this.#appId }, filter));
    this.#source = source;
    source.onopen = () => this.#set({ state: "open" });
    source.onerror = () => {
      this.#set({ state: "away" });
      // A browser gives up where the answer is an error, as while the server restarts behind a proxy.
      if (source.readyState === EventSource.CLOSED) this.#openLater(reopenAfterMs, this.#lastId);
    };
    source.addEventListener("activity", ({ data }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as LiveEntry;
      this.#lastId = entry.id;
      this.#held.addEntry(entry);
      this.#drawSoon();
    });
    source.addEventListener("gap", ({ data }: MessageEvent<string>) => {
      this.#held.addGap(JSON.parse(data) as LiveGap);
      this.#drawSoon();
    });
    source.addEventListener("end", ({ data }: MessageEvent<string>) => {
      const { reason } = JSON.parse(data) as LiveEnd;
      source.close();
      this.#set({ state: reason });
      if (reason === "serverStopping") this.#openLater(reopenAfterMs, this.#lastId);
    });
  }

  /** Until then the stream that is open stays so. */
  #openLater(waitMs: number, after: string | null): void {
    clearTimeout(this.#openTimer);
    this.#openTimer = setTimeout(() => this.#open(after), waitMs);
  }

  #close(): void {
    clearTimeout(this.#openTimer);
    this.#source?.close();
    this.#source = null;
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
