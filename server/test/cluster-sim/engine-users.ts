/** The signed-in users of the simulated engine. */

import type { RosterChange } from "../../src/core/ports/roster.ts";
import type { LineEnd, Reply, Unnumbered } from "./engine-messages.ts";
import type { SimLeases } from "./sim-leases.ts";
import { answer, type SimPubSub } from "./sim-pub-sub.ts";

export interface UserContribution {
  readonly session: string;
  readonly appId: string;
  readonly userId: string;
  readonly notifiesWatchers: boolean;
}

export class EngineUsers {
  readonly #lines: SimPubSub;
  readonly #leases: SimLeases;
  readonly #record: (change: Unnumbered) => RosterChange;
  /** The sessions of each online user, by line. */
  readonly #sessions = new Map<string, Set<string>>();

  constructor(lines: SimPubSub, leases: SimLeases, record: (change: Unnumbered) => RosterChange) {
    this.#lines = lines;
    this.#leases = leases;
    this.#record = record;
  }

  loseEverything(): void {
    this.#sessions.clear();
  }

  set(
    { session, appId, userId, notifiesWatchers }: UserContribution,
    isOnline: boolean,
    isSilent: boolean,
  ): Reply {
    const line = `${appId}/#${userId}`;
    const sessions = this.#sessions.get(line) ?? new Set();
    const wasOnline = sessions.size > 0;
    this.#leases.record(session);
    if (isOnline) this.#sessions.set(line, sessions.add(session));
    else if (sessions.delete(session) && sessions.size === 0) this.#sessions.delete(line);
    if (wasOnline === sessions.size > 0 || isSilent) return { changes: [], countDueInMs: null };
    if (notifiesWatchers) this.#lines.send(line, { type: "user", isOnline: !wasOnline });
    const type = wasOnline ? "user_offline" : "user_online";
    return { changes: [this.#record({ type, appId, userId })], countDueInMs: null };
  }

  watch(end: LineEnd, appId: string, userId: string): void {
    const line = `${appId}/#${userId}`;
    answer(end, line, { type: "watched", isOnline: this.#sessions.has(line) });
  }

  online(appId: string, userIds: readonly string[]): ReadonlySet<string> {
    return new Set(userIds.filter((userId) => this.#sessions.has(`${appId}/#${userId}`)));
  }

  leftBy(session: string): string[] {
    return [...this.#sessions].flatMap(([line, sessions]) => (sessions.has(session) ? [line] : []));
  }
}
