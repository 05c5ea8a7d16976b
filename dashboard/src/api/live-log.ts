/** The live feed of one app, held in memory: the newest rows up to a limit, and what was lost. */
import type { LiveEnd, LiveEntry, LiveGap, LiveQuery } from "../../../server/src/admin-api/live-contract.ts";
import { apiUrl } from "./client.ts";

const rowsMax = 5_000;
const reopenAfterMs = 1_000;

export type LogRow =
  | { readonly kind: "entry"; readonly key: string; readonly entry: LiveEntry }
  | { readonly kind: "gap"; readonly key: string; readonly gap: LiveGap };

export type FeedState = "connecting" | "open" | "away" | LiveEnd["reason"];

export interface LogSnapshot {
  readonly rows: readonly LogRow[];
  readonly state: FeedState;
  /** Rows that came since the start, dropped ones included. */
  readonly count: number;
}

export class LiveLog {
  readonly #url: URL;
  #source: EventSource | null = null;
  #reopenTimer: ReturnType<typeof setTimeout> | undefined;
  #snapshot: LogSnapshot = { rows: [], state: "connecting", count: 0 };
  #waiting: LogRow[] = [];
  #frame = 0;
  readonly #listeners = new Set<() => void>();

  constructor(appId: string, filter: { readonly [Key in keyof LiveQuery]: string }) {
    this.#url = apiUrl("/apps/{appId}/live", { appId }, filter);
  }

  /** For useSyncExternalStore: the stream is open while somebody listens. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#source === null) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  readonly snapshot = (): LogSnapshot => this.#snapshot;

  clear(): void {
    this.#set({ rows: [] });
  }

  #open(): void {
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => this.#set({ state: "open" });
    source.onerror = () => {
      this.#set({ state: "away" });
      // A browser gives up where the answer is an error, as while the server restarts behind a proxy.
      if (source.readyState === EventSource.CLOSED) this.#reopen();
    };
    source.addEventListener("activity", ({ data }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as LiveEntry;
      this.#add({ kind: "entry", key: entry.id, entry });
    });
    source.addEventListener("gap", ({ data }: MessageEvent<string>) => {
      const gap = JSON.parse(data) as LiveGap;
      this.#add({ kind: "gap", key: `gap-${this.#snapshot.count + this.#waiting.length}`, gap });
    });
    source.addEventListener("end", ({ data }: MessageEvent<string>) => {
      const { reason } = JSON.parse(data) as LiveEnd;
      source.close();
      this.#set({ state: reason });
      if (reason === "serverStopping") this.#reopen();
    });
  }

  #reopen(): void {
    this.#close();
    this.#reopenTimer = setTimeout(() => this.#open(), reopenAfterMs);
  }

  #close(): void {
    clearTimeout(this.#reopenTimer);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#source?.close();
    this.#source = null;
  }

  /** Drawn once a frame, however many come. */
  #add(row: LogRow): void {
    this.#waiting.push(row);
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const added = this.#waiting;
      this.#waiting = [];
      this.#set({
        rows: [...this.#snapshot.rows, ...added].slice(-rowsMax),
        count: this.#snapshot.count + added.length,
      });
    });
  }

  #set(change: Partial<LogSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}
