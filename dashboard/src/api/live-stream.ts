/** The live feed of an app: one EventSource per app, shared by all listeners of the page. */
import type { LiveEnd, LiveEntry, LiveGap, LivePosition } from "@soketify/admin";
import { admin } from "./client.ts";
import { type LiveFilter, liveMatcher } from "./live-filter.ts";

const reopenAfterMs = 1_000;
/** While a filter is being typed, the stream must not be reopened for each letter. */
const filterSettlesMs = 250;
/** A browser opens at most six connections to a server, shared by all tabs: hidden tabs must release theirs. */
const hiddenForMs = 10_000;

export type FeedState = "connecting" | "open" | "away" | LiveEnd["reason"];

export type LiveNews =
  | { readonly kind: "entry"; readonly entry: LiveEntry }
  | { readonly kind: "gap"; readonly gap: LiveGap }
  | { readonly kind: "state"; readonly state: FeedState }
  /** All entries after this time of the server are received, or reported as a gap. */
  | { readonly kind: "begin"; readonly at: string };

interface Listener {
  filter: LiveFilter;
  isWanted: (entry: LiveEntry) => boolean;
  readonly onNews: (news: LiveNews) => void;
}

export interface Listening {
  /**
   * Applies immediately to new entries. The server then sends past entries again, so a listener may receive an entry
   * twice.
   */
  setFilter(filter: LiveFilter): void;
  leave(): void;
}

const streams = new Map<string, LiveStream>();

/** @param onNews called immediately with the state, then with each matching entry, each gap and each new state */
export function listenLive(appId: string, filter: LiveFilter, onNews: (news: LiveNews) => void): Listening {
  const stream = streams.get(appId) ?? new LiveStream(appId);
  streams.set(appId, stream);
  return stream.join(filter, onNews);
}

class LiveStream {
  readonly #appId: string;
  readonly #listeners = new Set<Listener>();
  #source: EventSource | null = null;
  /** The URL of the open stream, without `after`. */
  #url = "";
  #lastId: string | null = null;
  /** The server's time at the last entry or position; null: none was received. */
  #seenAt: string | null = null;
  #state: FeedState = "connecting";
  #openTimer: ReturnType<typeof setTimeout> | undefined;
  #hideTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(appId: string) {
    this.#appId = appId;
    document.addEventListener("visibilitychange", () => this.#followVisibility());
  }

  join(filter: LiveFilter, onNews: Listener["onNews"]): Listening {
    const listener: Listener = { filter, isWanted: liveMatcher(filter), onNews };
    this.#listeners.add(listener);
    onNews({ kind: "state", state: this.#state });
    if (this.#seenAt !== null) onNews({ kind: "begin", at: this.#seenAt });
    // The panels of a page mount together, so after 0 ms all of them are registered.
    this.#reopenIfNeeded(0);
    return {
      setFilter: (next) => {
        listener.filter = next;
        listener.isWanted = liveMatcher(next);
        this.#reopenIfNeeded(filterSettlesMs);
      },
      leave: () => {
        this.#listeners.delete(listener);
        this.#reopenIfNeeded(0);
      },
    };
  }

  /** Opens a stream for the current filters after `afterMs`. The open stream stays until then. */
  #reopenIfNeeded(afterMs: number): void {
    if (this.#listeners.size === 0) {
      this.#close();
      this.#lastId = null;
      this.#seenAt = null;
      this.#state = "connecting";
      return;
    }
    const isOpen = this.#source !== null && this.#source.readyState !== EventSource.CLOSED;
    if (isOpen && this.#wantedUrl() === this.#url) clearTimeout(this.#openTimer);
    else this.#openLater(afterMs);
  }

  /** The server combines filters with AND. Panels with different filters therefore need the unfiltered stream. */
  #wantedUrl(): string {
    const urlOf = (filter: LiveFilter) =>
      admin.url("GET /apps/{appId}/live", { path: { appId: this.#appId }, query: filter });
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
    // A new filter may match past entries that the previous one hid: ask for all that the server kept.
    const after = this.#lastId !== null && wanted !== this.#url ? "kept" : this.#lastId;
    if (after !== null) url.searchParams.set("after", after);
    this.#url = wanted;
    this.#source = new EventSource(url);
    this.#listenTo(this.#source);
    this.#followVisibility();
  }

  #listenTo(source: EventSource): void {
    source.onopen = () => this.#enter("open");
    source.onerror = () => {
      this.#enter("away");
      // A browser does not reconnect after an error response, such as a proxy's 502 during a restart.
      if (source.readyState === EventSource.CLOSED) this.#openLater(reopenAfterMs);
    };
    source.addEventListener("activity", ({ data, lastEventId }: MessageEvent<string>) => {
      this.#lastId = lastEventId;
      const entry = JSON.parse(data) as LiveEntry;
      if (this.#seenAt !== null && entry.at > this.#seenAt) this.#seenAt = entry.at;
      for (const { isWanted, onNews } of this.#listeners)
        if (isWanted(entry)) onNews({ kind: "entry", entry });
    });
    source.addEventListener("position", ({ data, lastEventId }: MessageEvent<string>) => {
      this.#lastId = lastEventId;
      const { at } = JSON.parse(data) as LivePosition;
      const isFirst = this.#seenAt === null;
      this.#seenAt = at;
      if (isFirst) this.#emit({ kind: "begin", at });
    });
    source.addEventListener("gap", ({ data }: MessageEvent<string>) => {
      this.#emit({ kind: "gap", gap: JSON.parse(data) as LiveGap });
    });
    source.addEventListener("end", ({ data }: MessageEvent<string>) => {
      const { reason } = JSON.parse(data) as LiveEnd;
      source.close();
      this.#enter(reason);
      if (reason === "serverStopping") this.#openLater(reopenAfterMs);
    });
  }

  /** Closes the stream after the page was hidden for a while; resumes it when the page is visible again. */
  #followVisibility(): void {
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
    this.#emit({ kind: "state", state });
  }

  #emit(news: LiveNews): void {
    for (const { onNews } of this.#listeners) onNews(news);
  }
}
