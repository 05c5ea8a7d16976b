/** The selected time range, stored in the URL: `?time=day`, or `?from=…&to=…`. Links between pages keep it. */
import { useLocation, useSearch } from "wouter";
import { changedSearch } from "./use-url-text.ts";

export const quickRanges = { Hour: 3_600_000, Day: 86_400_000, Week: 7 * 86_400_000 } as const;
export type QuickRange = keyof typeof quickRanges;

/** ISO times. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

export interface TimeRange {
  /** The quick range up to now; null if a custom range or none is selected. */
  readonly quick: QuickRange | null;
  readonly period: Period | null;
  readonly pickQuick: (name: QuickRange) => void;
  readonly pickPeriod: (period: Period) => void;
  /** Resets to the page's default range. */
  readonly clear: () => void;
}

const names = ["time", "from", "to"] as const;

export function useTimeRange(): TimeRange {
  const [location, navigate] = useLocation();
  const search = new URLSearchParams(useSearch());
  const [time, from, to] = names.map((name) => search.get(name));
  const go = (time: string | null, period: Period | null) =>
    navigate(`${location}${changedSearch({ time, from: period?.from ?? null, to: period?.to ?? null })}`, {
      state: history.state,
    });
  const isPeriod = isTime(from) && isTime(to) && Date.parse(from) < Date.parse(to);
  const quick = (Object.keys(quickRanges) as QuickRange[]).find((name) => name.toLowerCase() === time);
  return {
    quick: isPeriod ? null : (quick ?? null),
    period: isPeriod ? { from, to } : null,
    pickQuick: (name) => go(name.toLowerCase(), null),
    pickPeriod: (period) => go(null, period),
    clear: () => go(null, null),
  };
}

export interface TimeBounds {
  /** ISO times; null: no bound. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * The range for lists that grow. A quick range has no end, because the server's clock may be ahead of the browser's. It
 * begins at a whole minute, so that it changes once a minute.
 */
export function useTimeBounds(): TimeBounds {
  const { quick, period } = useTimeRange();
  const iso = (ms: number) => new Date(ms).toISOString();
  if (period !== null) return { from: iso(Date.parse(period.from)), to: iso(Date.parse(period.to)) };
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return { from: quick === null ? null : iso(minute - quickRanges[quick]), to: null };
}

/** The query that links to other pages add to their path. */
export function useKeptTime(): string {
  const search = new URLSearchParams(useSearch());
  const kept = new URLSearchParams();
  for (const name of names) {
    const value = search.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept.size === 0 ? "" : `?${kept}`;
}

/** The range as ISO times. A quick range is rounded to whole minutes, so that it stays the same within a minute. */
export function periodOf({ quick, period }: Pick<TimeRange, "quick" | "period">): Period | null {
  if (period !== null || quick === null) return period;
  const toMs = Math.ceil(Date.now() / 60_000) * 60_000;
  return { from: new Date(toMs - quickRanges[quick]).toISOString(), to: new Date(toMs).toISOString() };
}

/** Whether the text is an ISO time in UTC. */
export function isTime(text: string | null | undefined): text is string {
  return (
    typeof text === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text))
  );
}
