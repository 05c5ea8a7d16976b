/**
 * The live feed of each watched app. The latest entries are stored, so that a watcher who reconnects misses none. An
 * app without watchers causes no work.
 */
import { randomBytes } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type Kept, KeptByApp, type KeptLimits } from "./kept-by-app.ts";
import { entryDetails, type LiveEntry, type LiveNews, liveTypes } from "./live-entry.ts";
import { LiveExchange, type LivePeers } from "./live-exchange.ts";

/** Entries that a watcher did not receive, and the reason. */
export interface LiveGap {
  /** The number of entries; null: unknown. */
  readonly dropped: number | null;
  readonly reason: "slow" | "resumedTooLate" | "otherNode";
}

export interface Watcher {
  /** @param json the entry as JSON text, shared by all watchers */
  entry(entry: LiveEntry, json: string): void;
  gap(gap: LiveGap): void;
  /** Called when the server stops. */
  end(): void;
}

interface Watching {
  leave(): void;
  /**
   * The id of the app's newest entry, even if the watcher's filter excludes it: reconnecting after it misses no
   * entry.
   */
  lastId(): string;
}

interface WatchedApp {
  /** The prefix of its entries' ids. It distinguishes ids of an earlier watching period. */
  readonly epoch: string;
  readonly watchers: Set<Watcher>;
  lastSequence: number;
  cancelForgetting: () => void;
  /** Stops listening to other nodes. */
  leaveOthers: () => void;
}

const mebibyte = 1_048_576;
const keptLimits = { itemsPerApp: 2_000, perApp: 4 * mebibyte, inAll: 32 * mebibyte };
/** How long entries are stored after the last watcher left: enough for a page reload. */
const keptForMs = 60_000;

export class LiveFeed {
  readonly #activity: ActivityFeed;
  readonly #clock: Clock;
  readonly #apps = new Map<string, WatchedApp>();
  readonly #kept: KeptByApp<string>;
  readonly #peers: LivePeers | null;
  readonly #exchange: LiveExchange | null;
  #stopListening: (() => void)[] = [];

  /** @param peers null for a node that is alone */
  constructor(
    activity: ActivityFeed,
    clock: Clock,
    peers: LivePeers | null,
    limits: KeptLimits = keptLimits,
  ) {
    this.#kept = new KeptByApp(limits, clock.now(), (json) => json.length);
    this.#peers = peers;
    this.#exchange = peers === null ? null : new LiveExchange(activity, peers, clock);
    this.#activity = activity;
    this.#clock = clock;
  }

  /**
   * Adds a watcher. It immediately receives the entries after the id `after`, or a gap if they are no longer stored;
   * with `kept`, all stored entries.
   */
  watch(appId: string, after: string | null, watcher: Watcher): Watching {
    const app = this.#apps.get(appId) ?? this.#begin(appId);
    app.cancelForgetting();
    const kept = this.#kept.itemsOf(appId);
    if (after === "kept") for (const { item } of kept) watcher.entry(JSON.parse(item), item);
    else if (after !== null) replay(app, kept, after, watcher);
    app.watchers.add(watcher);
    return {
      leave: () => {
        if (!app.watchers.delete(watcher) || app.watchers.size > 0) return;
        app.cancelForgetting = this.#clock.after(keptForMs, () => this.#forget(appId));
      },
      lastId: () => idOf(app),
    };
  }

  close(): void {
    for (const [appId, app] of this.#apps) {
      app.cancelForgetting();
      for (const watcher of app.watchers) watcher.end();
      app.watchers.clear();
      this.#forget(appId);
    }
  }

  #begin(appId: string): WatchedApp {
    if (this.#apps.size === 0) this.#listen();
    const app: WatchedApp = {
      epoch: randomBytes(4).toString("hex"),
      watchers: new Set(),
      lastSequence: 0,
      cancelForgetting: () => undefined,
      leaveOthers: () => undefined,
    };
    this.#apps.set(appId, app);
    if (this.#exchange !== null)
      app.leaveOthers = this.#exchange.listen(appId, {
        news: (news) => this.#send(appId, app, news),
        dropped: (dropped) => {
          for (const watcher of app.watchers) watcher.gap({ dropped, reason: "otherNode" });
        },
      });
    return app;
  }

  #forget(appId: string): void {
    this.#apps.get(appId)?.leaveOthers();
    this.#apps.delete(appId);
    this.#kept.forget(appId);
    if (this.#apps.size > 0) return;
    for (const stop of this.#stopListening) stop();
    this.#stopListening = [];
  }

  #listen(): void {
    this.#stopListening = liveTypes.map((type) =>
      this.#activity.on(type, (activity) => {
        const app = activity.appId === null ? undefined : this.#apps.get(activity.appId);
        if (activity.appId === null || app === undefined) return;
        const nowMs = this.#clock.now();
        const at = new Date(nowMs).toISOString();
        this.#send(activity.appId, app, {
          at,
          node: this.#peers?.me() ?? null,
          ...entryDetails(activity, nowMs),
        });
      }),
    );
  }

  #send(appId: string, app: WatchedApp, news: LiveNews): void {
    app.lastSequence += 1;
    const entry: LiveEntry = { id: idOf(app), ...news };
    const json = JSON.stringify(entry);
    this.#kept.add(appId, app.lastSequence, this.#clock.now(), json);
    for (const watcher of app.watchers) watcher.entry(entry, json);
  }
}

function idOf({ epoch, lastSequence }: WatchedApp): string {
  return `${epoch}-${lastSequence}`;
}

function replay(
  { epoch, lastSequence }: WatchedApp,
  kept: readonly Kept<string>[],
  lastEventId: string,
  watcher: Watcher,
): void {
  const [, ofEpoch, digits] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastEventId) ?? [];
  const seen = Number(digits);
  if (ofEpoch !== epoch || seen > lastSequence) {
    watcher.gap({ dropped: null, reason: "resumedTooLate" });
    return;
  }
  const firstKept = kept[0]?.sequence ?? lastSequence + 1;
  const dropped = firstKept - seen - 1;
  if (dropped > 0) watcher.gap({ dropped, reason: "resumedTooLate" });
  for (const { sequence, item } of kept) if (sequence > seen) watcher.entry(JSON.parse(item), item);
}
