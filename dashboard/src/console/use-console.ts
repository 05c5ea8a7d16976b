/** The rows that the live console shows: those that match the filter and the search, live or as they were at the pause. */
import { useMemo, useState, useSyncExternalStore } from "react";
import { liveMatcher } from "../api/live-filter.ts";
import { LiveLog, type LogSnapshot } from "../api/live-log.ts";
import type { LogRow } from "../api/live-rows.ts";
import { isTime, type TimeBounds, useTimeBounds } from "../ui/time-range.ts";
import { useUrlText } from "../ui/use-url-text.ts";
import type { ConsoleFilter } from "./console-filters.tsx";
import { usePast } from "./use-past.ts";

export function useConsole(appId: string) {
  const [filter, setFilter] = useUrlFilter();
  const [search, setSearch] = useUrlText("search");
  const [isPaused, setIsPaused] = useState(false);
  /** The rows shown while the console is paused or scrolled up. */
  const [held, setHeld] = useState<LogSnapshot | null>(null);
  const [firstFilter] = useState(filter);
  const log = useMemo(() => new LiveLog(appId, firstFilter), [appId, firstFilter]);
  const live = useSyncExternalStore(log.subscribe, log.snapshot);
  const { from: selected, to } = useTimeBounds();
  const [cleared, setCleared] = useCleared();
  const from = selected !== null && cleared !== null && cleared > selected ? cleared : selected;
  const { beginsAt } = live;
  const past = usePast(appId, { from, to }, filter, beginsAt);
  const rows = useMemo(() => {
    const received = since(held === null ? live.rows : wanted(held.rows, filter), cleared);
    return matching(
      from === null ? received : [...past.rows, ...during(received, { from, to }, beginsAt)],
      search,
    );
  }, [held, live.rows, past.rows, filter, search, from, to, beginsAt, cleared]);
  return {
    live,
    rows,
    past: past.list,
    bounds: { from, to },
    cleared,
    filter,
    search,
    setSearch,
    isPaused,
    isFollowing: held === null,
    newerCount: held === null ? 0 : newerThan(held, live, search),
    isNarrowed:
      cleared !== null || from !== null || search !== "" || Object.values(filter).some((text) => text !== ""),
    filterBy(next: ConsoleFilter) {
      setFilter(next);
      log.setFilter(next);
    },
    pause() {
      setIsPaused(true);
      setHeld(held ?? live);
    },
    resume() {
      setIsPaused(false);
      setHeld(null);
    },
    scrolled(isAtEnd: boolean) {
      if (!isAtEnd) setHeld(held ?? live);
      else if (!isPaused) setHeld(null);
    },
    /** Hides the rows so far, also after a reload. */
    clear() {
      const newest = live.rows.findLast(({ kind }) => kind === "entry") ?? rows.at(-1);
      if (newest?.kind !== "entry") return;
      setCleared(new Date(Date.parse(newest.entry.at) + 1).toISOString());
      if (held !== null) setHeld(live);
    },
    showCleared: () => setCleared(""),
  };
}

/** Rows before this time are hidden; null: none. */
function useCleared(): [string | null, (at: string) => void] {
  const [at, setAt] = useUrlText("cleared");
  return [isTime(at) ? at : null, setAt];
}

/** Without gaps before the time. */
function since(rows: readonly LogRow[], at: string | null): readonly LogRow[] {
  if (at === null) return rows;
  const first = rows.findIndex((row) => row.kind === "entry" && row.entry.at >= at);
  if (first < 0) return [];
  return rows.slice(first).filter((row) => row.kind === "gap" || row.entry.at >= at);
}

function useUrlFilter(): [ConsoleFilter, (filter: ConsoleFilter) => void] {
  const [type, setType] = useUrlText("type");
  const [channel, setChannel] = useUrlText("channel");
  const [userId, setUserId] = useUrlText("user");
  const [socketId, setSocketId] = useUrlText("of");
  const set = (filter: ConsoleFilter) => {
    setType(filter.type);
    setChannel(filter.channel);
    setUserId(filter.userId);
    setSocketId(filter.socketId);
  };
  return [{ type, channel, userId, socketId }, set];
}

/**
 * Rows from before the page began to listen are left out: the server is asked for them. The times are compared as texts,
 * because all have the same format, and the list is filtered on each frame.
 */
function during(
  rows: readonly LogRow[],
  { from, to }: TimeBounds,
  beginsAt: string | null,
): readonly LogRow[] {
  const isWithin = (at: string) =>
    (beginsAt === null || at > beginsAt) && (from === null || at >= from) && (to === null || at <= to);
  return rows.filter((row) => row.kind === "gap" || isWithin(row.entry.at));
}

function wanted(rows: readonly LogRow[], filter: ConsoleFilter): readonly LogRow[] {
  const isWanted = liveMatcher(filter);
  return rows.filter((row) => row.kind === "gap" || isWanted(row.entry));
}

function matching(rows: readonly LogRow[], search: string): readonly LogRow[] {
  const text = search.trim().toLowerCase();
  if (text === "") return rows;
  return rows.filter((row) => row.kind === "gap" || textOf(row).includes(text));
}

/** Caches the searchable text of each row, because a search reads all rows on each frame. */
const texts = new WeakMap<LogRow, string>();
function textOf(row: LogRow): string {
  const text = texts.get(row) ?? JSON.stringify(row).toLowerCase();
  texts.set(row, text);
  return text;
}

/** The number of rows that arrived after the shown ones. */
function newerThan(held: LogSnapshot, live: LogSnapshot, search: string): number {
  const lastOrder = held.rows.at(-1)?.order ?? 0;
  const isLastStillHere = (live.rows[0]?.order ?? 0) <= lastOrder;
  if (!isLastStillHere) return live.count - held.count;
  const newer = live.rows.slice(live.rows.findLastIndex(({ order }) => order <= lastOrder) + 1);
  return matching(newer, search).length;
}
