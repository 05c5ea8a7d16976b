/** Counts what each app does in memory and hands every whole minute to the database. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/clock.ts";
import { type AppStats, type StatsStore, statsSpanMs } from "../core/stats-store.ts";

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
    this.#startMs = minuteOf(clock.now());
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
    this.#startMs = minuteOf(this.#clock.now());
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
      if (minute.byApp.size > 0) await this.#store.addMinute(minute.startMs, minute.byApp);
      this.#unsaved = this.#unsaved.filter((one) => one !== minute);
    }
    await this.#store.rollUp();
    const before = (days: number) => this.#clock.now() - days * statsSpanMs.day;
    const { minute, hour, day } = keptDays;
    await this.#store.prune({ minute: before(minute), hour: before(hour), day: before(day) });
  }
}

function begin(connections: number): Counted {
  return {
    connections,
    connectionsPeak: connections,
    messagesIn: 0,
    messagesOut: 0,
    apiRequests: 0,
    errors: 0,
  };
}

function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs) * minuteMs;
}
