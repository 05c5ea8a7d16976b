/** Saves the counts of each complete minute in the database. A series contains the saved minutes and the current one. */
import type { Clock } from "../core/ports/clock.ts";
import {
  type AppStats,
  noStats,
  type StatsPoint,
  type StatsResolution,
  type StatsStore,
  spanStart,
  statsSpanMs,
} from "../core/ports/stats-store.ts";
import {
  type AppCounters,
  type Counters,
  type CountersOfApps,
  connectionsOf,
  noCounts,
} from "./app-counters.ts";

interface Minute {
  readonly startMs: number;
  readonly byApp: ReadonlyMap<string, AppStats>;
}

const minuteMs = statsSpanMs.minute;
/** Minutes kept while the database is unreachable. The oldest are dropped first. */
const unsavedMinutesMax = 60;
const keptDays = { minute: 2, hour: 90, day: 3 * 366 };

export class StatsCollector {
  readonly #counters: AppCounters;
  readonly #store: StatsStore;
  readonly #clock: Clock;
  readonly #onProblem: (error: unknown) => void;
  #startMs: number;
  /** The counters when the running minute began. */
  #atStart: CountersOfApps;
  #last: Minute | null = null;
  #unsaved: Minute[] = [];
  #saving: Promise<void> | null = null;
  #cancelTick: () => void = () => undefined;

  constructor(counters: AppCounters, store: StatsStore, clock: Clock, onProblem: (error: unknown) => void) {
    this.#counters = counters;
    this.#store = store;
    this.#clock = clock;
    this.#onProblem = onProblem;
    this.#startMs = spanStart(clock.now(), "minute");
    this.#atStart = counters.copy();
  }

  start(): void {
    const untilNextMs = minuteMs - (this.#clock.now() % minuteMs);
    this.#cancelTick = this.#clock.after(untilNextMs, () => {
      this.start();
      this.#endMinute();
      this.#save().catch(this.#onProblem);
    });
  }

  /** Saves the counts so far. */
  async stop(): Promise<void> {
    this.#cancelTick();
    // A save in progress may not contain the newest counts.
    await this.#saving?.catch(this.#onProblem);
    this.#endMinute();
    await this.#save();
  }

  /** Messages in and out in the last complete minute. */
  messagesLastMinute(appId: string): number {
    const counted = this.#last?.byApp.get(appId);
    return counted === undefined ? 0 : counted.messagesIn + counted.messagesOut;
  }

  /** The store's series plus the minutes that are not saved yet: the current minute, and those that wait. */
  async series(
    appId: string,
    resolution: StatsResolution,
    fromMs: number,
    toMs: number,
  ): Promise<StatsPoint[]> {
    for (;;) {
      await this.#saving?.catch(() => undefined);
      const startMs = this.#startMs;
      const stored = await this.#store.series(appId, resolution, fromMs, toMs);
      // If a minute ended during the read, the store's answer may or may not contain it.
      if (startMs !== this.#startMs) continue;
      const points = new Map(stored.map((point) => [point.startMs, point]));
      for (const minute of [...this.#unsaved, this.#runningMinute()]) {
        const pointMs = spanStart(minute.startMs, resolution);
        if (pointMs < fromMs || pointMs >= toMs) continue;
        const stats = minute.byApp.get(appId) ?? noStats;
        points.set(pointMs, { startMs: pointMs, ...together(points.get(pointMs), stats, resolution) });
      }
      return [...points.values()].sort((one, other) => one.startMs - other.startMs);
    }
  }

  /** Apps without connections in which nothing happened are left out. */
  #runningMinute(): Minute {
    const byApp = new Map<string, AppStats>();
    for (const [appId, counters] of this.#counters.all()) {
      const before = this.#atStart.get(appId) ?? noCounts();
      const stats = statsBetween(before, counters, this.#counters.peakOf(appId));
      if (Object.values(stats).some((value) => value !== 0)) byApp.set(appId, stats);
    }
    return { startMs: this.#startMs, byApp };
  }

  #endMinute(): void {
    this.#last = this.#runningMinute();
    this.#unsaved = [...this.#unsaved, this.#last].slice(-unsavedMinutesMax);
    this.#startMs = spanStart(this.#clock.now(), "minute");
    this.#atStart = this.#counters.copy();
    this.#counters.restartPeaks();
  }

  /** Runs one save at a time, so that no minute is added twice. */
  #save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    for (;;) {
      const [minute] = this.#unsaved;
      if (minute === undefined) break;
      await this.#store.addMinute(minute.startMs, minute.byApp);
      this.#unsaved = this.#unsaved.filter((one) => one !== minute);
    }
    await this.#store.rollUp();
    const before = (days: number) => this.#clock.now() - days * statsSpanMs.day;
    const { minute, hour, day } = keptDays;
    await this.#store.prune({ minute: before(minute), hour: before(hour), day: before(day) });
  }
}

function statsBetween(before: Counters, now: Counters, peak: number): AppStats {
  const since = (name: keyof Counters) => now[name] - before[name];
  return {
    connections: connectionsOf(now),
    connectionsPeak: Math.max(connectionsOf(before), peak),
    messagesIn: since("messagesReceived"),
    messagesOut: since("deliveries"),
    apiRequests: since("apiRequests"),
    errors: since("apiErrors") + since("messagesRefused") + since("handshakesRefused"),
  };
}

/** Aggregates like the store: sums the minutes of all nodes, and takes the peak of an hour or a day. */
function together(stored: AppStats | undefined, minute: AppStats, resolution: StatsResolution): AppStats {
  if (stored === undefined) return minute;
  const isMinute = resolution === "minute";
  return {
    connections: isMinute ? stored.connections + minute.connections : stored.connections,
    connectionsPeak: isMinute
      ? stored.connectionsPeak + minute.connectionsPeak
      : Math.max(stored.connectionsPeak, minute.connectionsPeak),
    messagesIn: stored.messagesIn + minute.messagesIn,
    messagesOut: stored.messagesOut + minute.messagesOut,
    apiRequests: stored.apiRequests + minute.apiRequests,
    errors: stored.errors + minute.errors,
  };
}
