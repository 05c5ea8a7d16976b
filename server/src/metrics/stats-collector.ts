/** Saves the counts of each complete minute in the database. */
import type { Clock } from "../core/ports/clock.ts";
import {
  type AppStats,
  noStats,
  type StatsStore,
  spanStart,
  statsSpanMs,
  type UnsavedStats,
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
/** To look for old rows costs more than to save an idle minute. */
const prunedEveryMs = statsSpanMs.hour;
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
  #savedCount = 0;
  #prunedAtMs = Number.NEGATIVE_INFINITY;
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

  /** The same by app id; apps without any are left out. */
  messagesOfLastMinute(): ReadonlyMap<string, number> {
    const messages = new Map<string, number>();
    for (const [appId, { messagesIn, messagesOut }] of this.#last?.byApp ?? [])
      if (messagesIn + messagesOut > 0) messages.set(appId, messagesIn + messagesOut);
    return messages;
  }

  /** Errors in the last complete minute by app id; apps without any are left out. */
  errorsOfLastMinute(): Map<string, number> {
    const counted = [...(this.#last?.byApp ?? [])].filter(([, { errors }]) => errors > 0);
    return new Map(counted.map(([appId, { errors }]) => [appId, errors]));
  }

  /** The app's counts that are not in the store yet: the running minute, and minutes that wait to be saved. */
  async unsaved(appId: string): Promise<UnsavedStats> {
    // During a save it is unknown whether the store already has the minute.
    await this.#saving?.catch(() => undefined);
    return {
      savedCount: this.#savedCount,
      minutes: [...this.#unsaved, this.#runningMinute()].map(({ startMs, byApp }) => ({
        startMs,
        ...(byApp.get(appId) ?? noStats),
      })),
    };
  }

  /** Apps without connections and without activity are left out. */
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
      this.#savedCount += 1;
    }
    await this.#store.rollUp();
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const nowMs = this.#clock.now();
    if (Math.abs(nowMs - this.#prunedAtMs) < prunedEveryMs) return;
    const before = (days: number) => nowMs - days * statsSpanMs.day;
    const { minute, hour, day } = keptDays;
    await this.#store.prune({ minute: before(minute), hour: before(hour), day: before(day) });
    this.#prunedAtMs = nowMs;
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
