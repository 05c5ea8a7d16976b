/** Follows the apps in the database: reports changes of other processes within seconds, and keeps working during an outage. */
import type { AppRecord } from "../../core/apps/app.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { WriteLog } from "../database/write-watch.ts";
import type { AppSnapshot } from "./app-snapshot.ts";
import type { KyselyAppStore } from "./kysely-app-store.ts";

const pollIntervalMs = 2_000;
const pauseMsMax = 10_000;
const answerTimeoutMs = 5_000;
/** An odd number: the median is one of them. A single slow query does not change it much. */
const latenciesKept = 5;

export interface AppFeedListener {
  /**
   * Begins a read of the store. The returned function ends it, and returns the ids of the apps that others changed or
   * removed here in the meantime: what the feed read of these apps may be outdated.
   */
  beginRead(): () => ReadonlySet<string>;
  /**
   * A new or changed app; occasionally one that did not change.
   * @param isRestored the database was restored from a backup: the app may be older than the known one
   */
  changed(app: AppRecord, isRestored: boolean): void;
  removed(appId: string): void;
  /** The database became unreachable or reachable. @param error why it is unreachable, or null */
  reachable(isReachable: boolean, error: unknown): void;
}

/** The parts of a database that the feed reads. */
export interface AppFeedSource {
  readonly store: KyselyAppStore;
  /** Null if the database itself is in the data folder. */
  readonly snapshot: AppSnapshot | null;
  /** Prepares a database that was unreachable at the start; called until it succeeds once. */
  prepare(): Promise<unknown>;
}

export class AppFeed {
  readonly #source: AppFeedSource;
  readonly #clock: Clock;
  #isPrepared: boolean;
  #isReachable: boolean;
  #listener: AppFeedListener | null = null;
  #log: WriteLog | null = null;
  #version = -1;
  #isSnapshotOld = false;
  #failures = 0;
  /** Of the latest polls, latest first. */
  #latenciesMs: readonly number[] = [];
  readonly #knownIds: Set<string>;
  #polling: Promise<void> | null = null;
  /** The poll after `#polling`. */
  #next: Promise<void> | null = null;
  #cancelNext: () => void = () => undefined;

  /** @param known the apps served from the snapshot; null if the database was reachable at the start */
  constructor(source: AppFeedSource, clock: Clock, known: readonly AppRecord[] | null) {
    this.#source = source;
    this.#clock = clock;
    this.#isPrepared = known === null;
    this.#isReachable = known === null;
    this.#knownIds = new Set(known?.map(({ id }) => id));
  }

  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** The median time that the latest polls waited for their query; null before the first. */
  get latencyMs(): number | null {
    const sorted = this.#latenciesMs.toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }

  /** Whether the snapshot could not be written and is outdated. */
  get isSnapshotOld(): boolean {
    return this.#isSnapshotOld;
  }

  /** Reports all apps, then each change until `stop()`. Resolves after the first poll. */
  async start(listener: AppFeedListener, log: WriteLog): Promise<void> {
    this.#listener = listener;
    this.#log = log;
    await this.#pollForever();
  }

  stop(): void {
    this.#listener = null;
    this.#cancelNext();
  }

  /** Polls now, or joins the poll under way. Never rejects: reports an unreachable database to the listener. */
  async poll(): Promise<void> {
    // An unresponsive database blocks the current poll; no second poll may queue behind it.
    this.#polling ??= this.#readChanges().finally(() => {
      this.#polling = null;
    });
    try {
      await this.#answerInTime(this.#polling);
      this.#failures = 0;
      this.#setReachable(true, null);
    } catch (error) {
      this.#failures += 1;
      this.#setReachable(false, error);
    }
  }

  /**
   * Polls for a caller that has just changed an app: a poll under way may have read before the change, so this waits for
   * the next one. Callers during one poll share the next. Never rejects, like `poll()`.
   */
  async catchUp(): Promise<void> {
    const underWay = this.#polling;
    if (underWay === null) return this.poll();
    this.#next ??= underWay
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.poll();
      });
    try {
      await this.#answerInTime(this.#next);
    } catch (error) {
      this.#setReachable(false, error);
    }
  }

  /** Polls first, so that a database that has just become unreachable is detected. */
  async isUnreachable(): Promise<boolean> {
    await this.poll();
    return !this.#isReachable;
  }

  async #pollForever(): Promise<void> {
    await this.poll();
    if (this.#listener === null) return;
    const pauseMs = Math.min(pollIntervalMs * 2 ** this.#failures, pauseMsMax);
    this.#cancelNext = this.#clock.after(pauseMs, () => void this.#pollForever());
  }

  async #readChanges(): Promise<void> {
    const { store, prepare } = this.#source;
    if (!this.#isPrepared) await prepare();
    this.#isPrepared = true;
    // Read before the apps: an app that changes in between is reported twice rather than never.
    const askedMs = this.#clock.now();
    const version = await store.version();
    const latencyMs = Math.max(0, this.#clock.now() - askedMs);
    this.#latenciesMs = [latencyMs, ...this.#latenciesMs].slice(0, latenciesKept);
    if (version === this.#version) {
      if (this.#isSnapshotOld) await this.#keep();
      return;
    }
    // A lower version means that the database was restored from a backup: everything may have changed.
    const isRestored = version < this.#version;
    const endRead = this.#listener?.beginRead();
    let outdated: ReadonlySet<string> = new Set();
    let changed: readonly AppRecord[];
    let ids: ReadonlySet<string>;
    try {
      changed = await store.changedSince(isRestored ? -1 : this.#version);
      ids = await store.ids();
      await this.#keep();
    } finally {
      outdated = endRead?.() ?? outdated;
    }
    for (const app of changed) {
      if (outdated.has(app.id)) continue;
      this.#knownIds.add(app.id);
      this.#listener?.changed(app, isRestored);
    }
    for (const id of this.#knownIds) if (!ids.has(id) && !outdated.has(id)) this.#remove(id);
    // The next poll reads the outdated ones again.
    if (outdated.size === 0) this.#version = version;
  }

  /** A full disk must not look like an unreachable database. */
  async #keep(): Promise<void> {
    const { store, snapshot } = this.#source;
    if (snapshot === null) return;
    const rows = await store.sealedRows();
    try {
      await snapshot.write(rows);
    } catch (error) {
      if (!this.#isSnapshotOld) this.#log?.warn({ err: error }, "The snapshot of the apps cannot be written");
      this.#isSnapshotOld = true;
      return;
    }
    if (this.#isSnapshotOld) this.#log?.info({}, "The snapshot of the apps is written again");
    this.#isSnapshotOld = false;
  }

  #remove(appId: string): void {
    this.#knownIds.delete(appId);
    this.#listener?.removed(appId);
  }

  async #answerInTime(answer: Promise<void>): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = this.#clock.after(answerTimeoutMs, () =>
        reject(new Error(`The database did not respond within ${answerTimeoutMs} ms`)),
      );
    });
    try {
      await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }

  #setReachable(isReachable: boolean, error: unknown): void {
    if (this.#isReachable === isReachable) return;
    this.#isReachable = isReachable;
    this.#listener?.reachable(isReachable, error);
  }
}
