/** The time spans of the charts, and the division of an answer into their intervals. */
import type { StatsAnswer, StatsPoint } from "@soketify/admin";
import { periodWords } from "../ui/time-picker.tsx";
import type { Period, QuickRange, TimeRange } from "../ui/time-range.ts";

const stepsMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const spans = {
  Hour: { interval: "minute", intervals: 60 },
  Day: { interval: "hour", intervals: 24 },
  Week: { interval: "hour", intervals: 7 * 24 },
} as const satisfies Record<QuickRange, object>;

const { hour, day } = stepsMs;
/** Minutes are stored for 48 hours. A chart cannot show more points than these. */
const minutesShownMs = 6 * hour;
const minutesKeptMs = 48 * hour;
const hoursShownMs = 14 * day;

/** The query of the charts and its label: `last hour`, or `Nov 28, 03:00 – Nov 28, 04:00`. */
export function chartsOf({ quick, period }: Pick<TimeRange, "quick" | "period">) {
  if (period === null) {
    const name = quick ?? "Hour";
    return { words: `last ${name.toLowerCase()}`, isNow: true, query: spans[name] };
  }
  const fromMs = Date.parse(period.from);
  const spanMs = Date.parse(period.to) - fromMs;
  const hasMinutes = spanMs <= minutesShownMs && fromMs > Date.now() - minutesKeptMs;
  const interval = hasMinutes ? "minute" : spanMs <= hoursShownMs ? "hour" : "day";
  return { words: periodWords(period), isNow: false, query: { interval, ...period } } as const;
}

/** From the first interval of the charts to the end of the last one. */
export function wholeOf({ interval, from, until }: StatsAnswer): Period {
  const toMs = Math.ceil(Date.parse(until) / stepsMs[interval]) * stepsMs[interval];
  return { from, to: new Date(toMs).toISOString() };
}

interface StatsInterval {
  readonly startMs: number;
  readonly endMs: number;
  readonly isRunning: boolean;
  /** Null: no data. */
  readonly point: StatsPoint | null;
}

/** Every interval from the answer's first one to the current one, by the server's clock. */
export function intervalsOf({ interval, from, until, points }: StatsAnswer): StatsInterval[] {
  const stepMs = stepsMs[interval];
  const known = new Map(points.map((point) => [Date.parse(point.at), point]));
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
  return Array.from({ length: Math.ceil((untilMs - fromMs) / stepMs) }, (_, index) => {
    const startMs = fromMs + index * stepMs;
    const endMs = startMs + stepMs;
    return { startMs, endMs, isRunning: endMs > untilMs, point: known.get(startMs) ?? null };
  });
}
