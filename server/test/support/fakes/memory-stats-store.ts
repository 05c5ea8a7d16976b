/** The statistics in memory, minutes only, for tests. */
import {
  type AppStats,
  noStats,
  type RecentPoint,
  type StatsPoint,
  type StatsResolution,
  type StatsStore,
} from "../../../src/core/ports/stats-store.ts";

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

  async recent(
    appIds: readonly string[],
    fromMs: number,
    stepMs: number,
  ): Promise<Map<string, RecentPoint[]>> {
    const byApp = new Map<string, RecentPoint[]>();
    for (const { appId, startMs: atMs, connectionsPeak, messagesIn, messagesOut, errors } of this.minutes) {
      if (!appIds.includes(appId) || atMs < fromMs) continue;
      const points = byApp.get(appId) ?? [];
      byApp.set(appId, points);
      const startMs = atMs - (atMs % stepMs);
      const messages = messagesIn + messagesOut;
      const at = points.findIndex((point) => point.startMs === startMs);
      const before = points[at];
      if (before === undefined) points.push({ startMs, connectionsPeak, messages, errors });
      else
        points[at] = {
          startMs,
          connectionsPeak: Math.max(before.connectionsPeak, connectionsPeak),
          messages: before.messages + messages,
          errors: before.errors + errors,
        };
    }
    return byApp;
  }

  async peaks(fromMs: number): Promise<Map<string, number>> {
    const peaks = new Map<string, number>();
    for (const { appId, startMs, connectionsPeak } of this.minutes)
      if (startMs >= fromMs) peaks.set(appId, Math.max(peaks.get(appId) ?? 0, connectionsPeak));
    return peaks;
  }

  async prune(): Promise<void> {
    return;
  }
}
