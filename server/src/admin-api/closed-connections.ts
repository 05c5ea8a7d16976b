/** The connections of each app that closed lately, the latest first. Bounded, and in memory only. */
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Clock } from "../core/clock.ts";
import type { ClosedConnection } from "./channel-contract.ts";
import { describeConnection } from "./describe-connection.ts";
import { isoTime } from "./handlers.ts";

interface Entry {
  /** Smaller is later. */
  readonly order: number;
  readonly body: ClosedConnection;
}

const keptPerAppMax = 500;

export class ClosedConnections {
  readonly #byApp = new Map<string, Entry[]>();
  #nextOrder = Number.MAX_SAFE_INTEGER;

  constructor(activity: ActivityFeed, registry: AppRegistry, clock: Clock) {
    activity.on("connection_closed", ({ appId, connection, code, reason }) => {
      // A deleted app closes its connections last of all.
      if (registry.byId(appId) === null) return void this.#byApp.delete(appId);
      this.#nextOrder -= 1;
      this.#keep(appId, {
        order: this.#nextOrder,
        body: {
          ...describeConnection(connection),
          closedAt: isoTime(clock.now()),
          code,
          reason,
        },
      });
    });
  }

  of(appId: string): readonly Entry[] {
    return this.#byApp.get(appId) ?? [];
  }

  #keep(appId: string, entry: Entry): void {
    const entries = this.#byApp.get(appId) ?? [];
    if (entries.length >= keptPerAppMax * 2) entries.splice(0, keptPerAppMax);
    entries.push(entry);
    this.#byApp.set(appId, entries);
  }
}
