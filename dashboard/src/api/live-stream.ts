/** What happens in an app as this page hears it: one EventSource an app, however many listen. */
import type { LiveEnd, LiveEntry, LiveGap } from "../../../server/src/admin-api/contracts/live.ts";
import { apiUrl } from "./client.ts";
import { type LiveFilter, liveMatcher } from "./live-filter.ts";

const reopenAfterMs = 1_000;
/** Somebody who types a filter is not done with each letter. */
const filterSettlesMs = 250;
/** A browser opens six connections to a server, for all its tabs: those that nobody sees must leave some to the others. */
const hiddenForMs = 10_000;

export type FeedState = "connecting" | "open" | "away" | LiveEnd["reason"];

export type LiveNews =
  | { readonly kind: "entry"; readonly entry: LiveEntry }
  | { readonly kind: "gap"; readonly gap: LiveGap }
  | { readonly kind: "state"; readonly state: FeedState };

interface Listener {
  filter: LiveFilter;
  isWanted: (entry: LiveEntry) => boolean;
  readonly hear: (news: LiveNews) => void;
}

export interface Listening {
  /** Counts at once for what comes; what the server still has of the past comes a moment later, once more where it came before. */
  setFilter(filter: LiveFilter): void;
  leave(): void;
}

const streams = new Map<string, LiveStream>();

/** @param hear is told the state at once, then each entry that the filter lets through, each gap, each new state */
export function listenLive(appId: string, filter: LiveFilter, hear: (news: LiveNews) => void): Listening {
  const stream = streams.get(appId) ?? new LiveStream(appId);
  streams.set(appId, stream);
  return stream.join(filter, hear);
}

class LiveStream {
  readonly #appId: string;
  readonly #listeners = new Set<Listener>();
  #source: EventSource | null = null;
  /** What it was opened for. */
  #url = "";
  #lastId: string | null = null;
  #state: FeedState = "connecting";
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #hideTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(appId: string) {
    this.#appId = appId;
    document.addEventListener("visibilitychange", () => this.#look());
  }

  join(filter: LiveFilter, hear: Listener["hear"]): Listening {
    const listener: Listener = { filter, isWanted: liveMatcher(filter), hear };
    this.#listeners.add(listener);
    hear({ kind: "state", state: this.#state });
    // Panels of one page come and go together.
    this.#tune(0);
    return {
      setFilter: (next) => {
        listener.filter = next;
        listener.isWanted = liveMatcher(next);
        this.#tune(filterSettlesMs);
      },
      leave: () => {
        this.#listeners.delete(listener);
        this.#tune(0);
      },
    };
  }

  /** Until then what is open stays so. */
  #tune(afterMs: number): void {
    if (this.#listeners.size === 0) {
      this.#close();
      this.#lastId = null;
      this.#state = "connecting";
      return;
    }
    const isOpen = this.#source !== null && this.#source.readyState !== EventSource.CLOSED;
    if (isOpen && this.#wantedUrl() === this.#url) clearTimeout(this.#openTimer);
    else this.#openLater(afterMs);
  }

  /** The server's filters are joined by and: it can send what one panel wants, but for panels that differ only everything. */
  #wantedUrl(): string {
    const urlOf = (filter: LiveFilter) => apiUrl("/apps/{appId}/live", { appId: this.#appId }, filter).href;
    const urls = new Set([...this.#listeners].map(({ filter }) => urlOf(filter)));
    const [url = ""] = urls;
    return urls.size === 1 ? url : urlOf({});
  }

  #openLater(waitMs: number): void {
    clearTimeout(this.#openTimer);
    this.#openTimer = setTimeout(() => this.#open(), waitMs);
  }

  #open(): void {
    this.#close();
    const wanted = this.#wantedUrl();
    const url = new URL(wanted);
    // Another filter may let through what the one before held back.
    const after = this.#lastId !== null && wanted !== this.#url ? "kept" : this.#lastId;
    if (after !== null) url.searchParams.set("after", after);
    this.#url = wanted;
    this.#source = new EventSource(url);
    this.#listenTo(this.#source);
    this.#look();
  }

  #listenTo(source: EventSource): void {
    source.onopen = () => this.#enter("open");
    source.onerror = () => {
      this.#enter("away");
      // A browser gives up where the answer is an error, as while the server restarts behind a proxy.
      if (source.readyState === EventSource.CLOSED) this.#openLater(reopenAfterMs);
    };
    source.addEventListener("activity", ({ data, lastEventId }: MessageEvent<string>) => {
      this.#lastId = lastEventId;
      const entry = JSON.parse(data) as LiveEntry;
      for (const { isWanted, hear } of this.#listeners) if (isWanted(entry)) hear({ kind: "entry", entry });
    });
    source.addEventListener("position", ({ lastEventId }: MessageEvent<string>) => {
      this.#lastId = lastEventId;
    });
    source.addEventListener("gap", ({ data }: MessageEvent<string>) => {
      this.#tell({ kind: "gap", gap: JSON.parse(data) as LiveGap });
    });
    source.addEventListener("end", ({ data }: MessageEvent<string>) => {
      const { reason } = JSON.parse(data) as LiveEnd;
      source.close();
      this.#enter(reason);
      if (reason === "serverStopping") this.#openLater(reopenAfterMs);
    });
  }

  /** Out of sight the stream is given up after a while; in sight it goes on where it was. */
  #look(): void {
    clearTimeout(this.#hideTimer);
    if (this.#listeners.size === 0 || this.#state === "unauthorized" || this.#state === "appDeleted") return;
    if (document.hidden) this.#hideTimer = setTimeout(() => this.#close(), hiddenForMs);
    else if (this.#source === null) {
      this.#enter("connecting");
      this.#open();
    }
  }

  #close(): void {
    clearTimeout(this.#openTimer);
    clearTimeout(this.#hideTimer);
    this.#source?.close();
    this.#source = null;
  }

  #enter(state: FeedState): void {
    this.#state = state;
    this.#tell({ kind: "state", state });
  }

  #tell(news: LiveNews): void {
    for (const { hear } of this.#listeners) hear(news);
  }
}
