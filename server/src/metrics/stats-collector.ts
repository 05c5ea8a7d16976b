/** Saves the counts of every whole minute in the database. A series has the saved minutes and the one that is running. */
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
/** While the database is away; the oldest are given up first. */
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

  /** Saves what was counted so far. */
  async stop(): Promise<void> {
    this.#cancelTick();
    // One that is under way may be past what is counted until now.
    await this.#saving?.catch(this.#onProblem);
    this.#endMinute();
    await this.#save();
  }

  /** In and out, in the last whole minute. */
  messagesLastMinute(appId: string): number {
    const counted = this.#last?.byApp.get(appId);
    return counted === undefined ? 0 : counted.messagesIn + counted.messagesOut;
  }

  /** As the store tells it, with what is not in the store yet: the running minute, and those that wait to be saved. */
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
      // Where a minute ended meanwhile, it may have been read as well, or not.
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

  /** One at a time, so that no minute is added twice. */
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

/** As the store does it: the nodes' minutes are summed, the minutes of an hour or a day have one peak. */
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
