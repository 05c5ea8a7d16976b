/** The errors in memory, for tests. */
import type { ErrorHour, ErrorStore } from "../../../src/core/ports/error-store.ts";

export class MemoryErrorStore implements ErrorStore {
  readonly saved = new Map<string, ErrorHour>();
  /** Whether the database does not answer. */
  isUnreachable = false;

  async save(hours: readonly ErrorHour[]): Promise<void> {
    if (this.isUnreachable) throw new Error("The database is unreachable");
    for (const hour of hours)
      this.saved.set([hour.appId, hour.hourMs, hour.groupId, hour.nodeId].join(" "), structuredClone(hour));
  }

  async list(appId: string, sinceMs: number): Promise<ErrorHour[]> {
    return [...this.saved.values()]
      .filter((hour) => hour.appId === appId && hour.lastMs >= sinceMs)
      .sort((a, b) => a.hourMs - b.hourMs);
  }

  async totals(fromMs: number): Promise<Map<string, number>> {
    const totals = new Map<string, number>();
    for (const { appId, hourMs, errors } of this.saved.values())
      if (hourMs >= fromMs) totals.set(appId, (totals.get(appId) ?? 0) + errors);
    return totals;
  }

  async prune(beforeMs: number): Promise<void> {
    for (const [key, { hourMs }] of this.saved) if (hourMs < beforeMs) this.saved.delete(key);
  }
}
