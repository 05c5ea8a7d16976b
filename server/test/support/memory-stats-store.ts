/** The statistics in memory, minutes only, for tests. */
import {
  type AppStats,
  noStats,
  type StatsPoint,
  type StatsResolution,
  type StatsStore,
} from "../../src/core/ports/stats-store.ts";

export class MemoryStatsStore implements StatsStore {
  readonly minutes: (AppStats & { readonly appId: string; readonly startMs: number })[] = [];
  readonly #countedMs = new Set<number>();

  async addMinute(minuteStartMs: number, statsByApp: ReadonlyMap<string, AppStats>): Promise<void> {
    this.#countedMs.add(minuteStartMs);
    for (const [appId, stats] of statsByApp) this.minutes.push({ ...stats, appId, startMs: minuteStartMs });
  }

  async rollUp(): Promise<void> {
    return;
  }

  async series(
    appId: string,
    resolution: StatsResolution,
    fromMs: number,
    toMs: number,
  ): Promise<StatsPoint[]> {
    if (resolution !== "minute") return [];
    const counted = [...this.#countedMs].filter((startMs) => startMs >= fromMs && startMs < toMs);
    return counted.sort().map((startMs) => {
      const known = this.minutes.find((minute) => minute.appId === appId && minute.startMs === startMs);
      const { appId: _, ...point } = known ?? { appId, startMs, ...noStats };
      return point;
    });
  }

  async prune(): Promise<void> {
    return;
  }
}
