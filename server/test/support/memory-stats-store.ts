/** The statistics in memory, minutes only, for tests. */
import type { AppStats, StatsPoint, StatsResolution, StatsStore } from "../../src/core/stats-store.ts";

export class MemoryStatsStore implements StatsStore {
  readonly minutes: (AppStats & { readonly appId: string; readonly startMs: number })[] = [];

  async addMinute(minuteStartMs: number, statsByApp: ReadonlyMap<string, AppStats>): Promise<void> {
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
    return this.minutes
      .filter((minute) => minute.appId === appId && minute.startMs >= fromMs && minute.startMs < toMs)
      .map(({ appId: _, ...point }) => point);
  }

  async prune(): Promise<void> {
    return;
  }
}
