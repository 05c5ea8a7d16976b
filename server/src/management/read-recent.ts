/** Reads the figures of many apps in the last hour, and caches them until the next minute is saved. */
import type { Clock } from "../core/ports/clock.ts";
import { type RecentPoint, type StatsStore, spanStart, statsSpanMs } from "../core/ports/stats-store.ts";

/** Each value of a series covers three minutes. */
const recentStepMs = 3 * statsSpanMs.minute;
const stepsKept = 20;
/** Nodes save a minute in the first moments of the next one. */
const savedWithinMs = 5_000;
const appsKeptMax = 2_000;

/** Each series has `stepsKept` values, oldest first. */
export interface RecentFigures {
  readonly connections: readonly number[];
  readonly messages: readonly number[];
  readonly errors: readonly number[];
}

export type ReadRecent = (appIds: readonly string[]) => Promise<ReadonlyMap<string, RecentFigures>>;

/** The returned function returns an entry for each given app, with zeros for steps without activity. */
export function createReadRecent(store: Pick<StatsStore, "recent">, clock: Pick<Clock, "now">): ReadRecent {
  let kept = new Map<string, RecentFigures>();
  let keptUntilMs = 0;

  return async function readRecent(appIds) {
    const nowMs = clock.now();
    if (nowMs >= keptUntilMs || kept.size > appsKeptMax) {
      const minuteMs = spanStart(nowMs, "minute");
      kept = new Map();
      keptUntilMs = nowMs - minuteMs < savedWithinMs ? minuteMs + savedWithinMs : minuteMs + 60_000;
    }
    const known = kept;
    const missing = appIds.filter((appId) => !known.has(appId));
    if (missing.length > 0) {
      const lastMs = nowMs - (nowMs % recentStepMs);
      const fromMs = lastMs - (stepsKept - 1) * recentStepMs;
      const points = await store.recent(missing, fromMs, recentStepMs);
      for (const appId of missing) known.set(appId, seriesOf(points.get(appId) ?? [], fromMs));
    }
    return known;
  };
}

function seriesOf(points: readonly RecentPoint[], fromMs: number): RecentFigures {
  const at = new Map(points.map((point) => [(point.startMs - fromMs) / recentStepMs, point]));
  const series = (amountOf: (point: RecentPoint) => number) =>
    Array.from({ length: stepsKept }, (_, step) => {
      const point = at.get(step);
      return point === undefined ? 0 : amountOf(point);
    });
  return {
    connections: series(({ connectionsPeak }) => connectionsPeak),
    messages: series(({ messages }) => messages),
    errors: series(({ errors }) => errors),
  };
}
