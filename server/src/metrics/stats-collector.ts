/** Counts what each app does in memory, hands every whole minute to the database, and tells both as one series. */
import type { ActivityFeed } from "../core/activity.ts";
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

type Counted = { -readonly [Name in keyof AppStats]: AppStats[Name] };

interface Minute {
  readonly startMs: number;
  readonly byApp: ReadonlyMap<string, AppStats>;
}

const minuteMs = statsSpanMs.minute;
/** While the database is away; the oldest are given up first. */
const unsavedMinutesMax = 60;
const keptDays = { minute: 2, hour: 90, day: 3 * 366 };

export class StatsCollector {
  readonly #store: StatsStore;
  readonly #clock: Clock;
  readonly #onProblem: (error: unknown) => void;
  #current = new Map<string, Counted>();
  #startMs: number;
  #last: Minute | null = null;
  #unsaved: Minute[] = [];
  #saving: Promise<void> | null = null;
  #cancelTick: () => void = () => undefined;

  /** To be made before the first connection: what is open is what was seen to open. */
  constructor(activity: ActivityFeed, store: StatsStore, clock: Clock, onProblem: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onProblem = onProblem;
    this.#startMs = spanStart(clock.now(), "minute");
    this.#count(activity);
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
      for (const minute of [...this.#unsaved, { startMs, byApp: this.#current }]) {
        const pointMs = spanStart(minute.startMs, resolution);
        if (pointMs < fromMs || pointMs >= toMs) continue;
        const stats = minute.byApp.get(appId) ?? noStats;
        points.set(pointMs, { startMs: pointMs, ...together(points.get(pointMs), stats, resolution) });
      }
      return [...points.values()].sort((one, other) => one.startMs - other.startMs);
    }
  }

  #count(activity: ActivityFeed): void {
    activity.on("connection_opened", ({ appId }) => {
      const counted = this.#of(appId);
      counted.connections += 1;
      counted.connectionsPeak = Math.max(counted.connectionsPeak, counted.connections);
    });
    activity.on("connection_closed", ({ appId }) => {
      this.#of(appId).connections -= 1;
    });
    activity.on("message_received", ({ appId }) => {
      this.#of(appId).messagesIn += 1;
    });
    activity.on("delivered", ({ appId, deliveries }) => {
      this.#of(appId).messagesOut += deliveries;
    });
    activity.on("api_request", ({ appId, status }) => {
      if (appId === null) return;
      this.#of(appId).apiRequests += 1;
      if (status >= 400) this.#of(appId).errors += 1;
    });
    activity.on("api_request_refused", ({ appId, requests }) => {
      const counted = this.#of(appId);
      counted.apiRequests += requests;
      counted.errors += requests;
    });
    activity.on("message_refused", ({ appId }) => {
      this.#of(appId).errors += 1;
    });
    activity.on("handshake_refused", ({ appId }) => {
      if (appId !== null) this.#of(appId).errors += 1;
    });
  }

  #of(appId: string): Counted {
    let counted = this.#current.get(appId);
    if (counted === undefined) {
      counted = begin(0);
      this.#current.set(appId, counted);
    }
    return counted;
  }

  #endMinute(): void {
    this.#last = { startMs: this.#startMs, byApp: this.#current };
    this.#unsaved = [...this.#unsaved, this.#last].slice(-unsavedMinutesMax);
    this.#startMs = spanStart(this.#clock.now(), "minute");
    const open = [...this.#current].filter(([, { connections }]) => connections > 0);
    this.#current = new Map(open.map(([appId, { connections }]) => [appId, begin(connections)]));
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

function begin(connections: number): Counted {
  return { ...noStats, connections, connectionsPeak: connections };
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
