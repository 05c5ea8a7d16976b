/** Signed-in users across nodes, on Redis: which users are online, and which of them this node watches. */
import type { LineListener } from "../core/ports/line.ts";
import type { RosterChange } from "../core/ports/roster.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { RedisChanges } from "./redis-changes.ts";
import { whenOf } from "./redis-line.ts";
import type { RedisLink } from "./redis-link.ts";
import { userEntry } from "./redis-sweep.ts";

interface LocalUser {
  readonly appId: string;
  readonly userId: string;
  connections: number;
  notifiesWatchers: boolean;
  /** The number of the latest call to the engine: only its answer ends the entry. */
  lastCall: number;
}

interface Watched {
  readonly appId: string;
  readonly userId: string;
  watchers: number;
  isOnline: boolean;
  revision: number;
  /** Resolves once `isOnline` is known. */
  readonly known: Promise<void>;
}

export class RedisUsers {
  readonly #link: RedisLink;
  readonly #changes: RedisChanges;
  readonly #line: () => LineListener;
  /** By key. The engine must still be updated for a user without connections. */
  readonly #users = new Map<string, LocalUser>();
  readonly #watched = new Map<string, Watched>();
  #onChange: (change: RosterChange) => void = () => undefined;

  constructor(link: RedisLink, changes: RedisChanges, line: () => LineListener) {
    this.#link = link;
    this.#changes = changes;
    this.#line = line;
  }

  onChange(listener: (change: RosterChange) => void): void {
    this.#onChange = listener;
  }

  async connected(appId: string, userId: string, notifiesWatchers: boolean): Promise<void> {
    const key = this.#link.keys.user(appId, userId);
    const user = this.#users.get(key) ?? { appId, userId, connections: 0, notifiesWatchers, lastCall: 0 };
    this.#users.set(key, user);
    user.connections += 1;
    user.notifiesWatchers = notifiesWatchers;
    if (user.connections === 1) await this.#contribute(key, user);
  }

  async disconnected(appId: string, userId: string, notifiesWatchers: boolean): Promise<void> {
    const key = this.#link.keys.user(appId, userId);
    const user = this.#users.get(key);
    if (user === undefined || user.connections === 0) return;
    user.connections -= 1;
    user.notifiesWatchers = notifiesWatchers;
    if (user.connections === 0) await this.#contribute(key, user);
  }

  async watch(appId: string, userIds: readonly string[]): Promise<void> {
    await Promise.all(userIds.map((userId) => this.#watch(appId, userId)));
  }

  unwatch(appId: string, userIds: readonly string[]): void {
    for (const userId of userIds) {
      const key = this.#link.keys.user(appId, userId);
      const watched = this.#watched.get(key);
      if (watched === undefined) continue;
      watched.watchers -= 1;
      if (watched.watchers > 0) continue;
      this.#watched.delete(key);
      this.#link.unfollow([key]);
    }
  }

  isOnline(appId: string, userId: string): boolean {
    return this.#watched.get(this.#link.keys.user(appId, userId))?.isOnline ?? false;
  }

  async online(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const states = await Promise.all(
      userIds.map((userId) => this.#stateOf(this.#link.keys.user(appId, userId))),
    );
    return new Set(userIds.filter((_, index) => states[index]?.isOnline));
  }

  /** Writes this node's signed-in users again, and reports the changes of watched users. */
  async enterAgain(): Promise<void> {
    await Promise.all(Array.from(this.#users, ([key, user]) => this.#contribute(key, user)));
    await Promise.all(Array.from(this.#watched, ([key, watched]) => this.#readStates(key, watched)));
  }

  async sweep(nodeId: string, appId: string, userId: string): Promise<void> {
    await this.#run(appId, userId, [nodeId, "0", "1"]);
  }

  /** @throws EngineUnreachable */
  async #run(appId: string, userId: string, args: readonly string[]): Promise<void> {
    await this.#changes.run("user", this.#link.keys.user(appId, userId), args, (changes) => {
      for (const [what, revision, , awayMs] of changes) {
        const type = what === "user_online" ? "user_online" : "user_offline";
        this.#onChange({ type, appId, userId, ...whenOf(revision, awayMs) });
      }
    });
  }

  async #contribute(key: string, user: LocalUser): Promise<void> {
    const { appId, userId, notifiesWatchers } = user;
    const { keys, nodeId } = this.#link;
    const index = keys.contributions(nodeId);
    const entry = userEntry(appId, userId);
    const isHere = user.connections > 0;
    user.lastCall += 1;
    const call = user.lastCall;
    try {
      if (isHere) this.#link.send(index, ["SADD", index, entry]).catch(ignoreUnreachable);
      await this.#run(appId, userId, [nodeId, isHere ? "1" : "0", notifiesWatchers ? "1" : "0"]);
      if (user.connections > 0 || call !== user.lastCall) return;
      this.#users.delete(key);
      await this.#link.send(index, ["SREM", index, entry]);
    } catch (error) {
      ignoreUnreachable(error);
    }
  }

  #watch(appId: string, userId: string): Promise<void> {
    const key = this.#link.keys.user(appId, userId);
    const watched = this.#watched.get(key);
    if (watched !== undefined) {
      watched.watchers += 1;
      return watched.known;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const fresh = { appId, userId, watchers: 1, isOnline: false, revision: 0, known: promise };
    this.#watched.set(key, fresh);
    this.#link
      .follow([key], (text) => this.#changed(key, fresh, text[0] === "1", Number(text.slice(1))))
      .then(() => this.#readStates(key, fresh))
      .finally(resolve);
    return promise;
  }

  async #readStates(key: string, watched: Watched): Promise<void> {
    const before = watched.revision;
    try {
      const { isOnline, revision } = await this.#stateOf(key);
      // A change received on the line in the meantime is newer. If none was received, a lower revision means that
      // Redis lost its data.
      if (watched.revision !== before && revision < watched.revision) return;
      watched.revision = revision;
      this.#changed(key, watched, isOnline, revision);
    } catch (error) {
      ignoreUnreachable(error);
    }
  }

  #changed(key: string, watched: Watched, isOnline: boolean, revision: number): void {
    // The last watcher may have left in the meantime, and new ones may have come: their own read tells them.
    if (this.#watched.get(key) !== watched || revision < watched.revision) return;
    watched.revision = revision;
    if (watched.isOnline === isOnline) return;
    watched.isOnline = isOnline;
    this.#line().userOnline(watched.appId, watched.userId, isOnline);
  }

  async #stateOf(key: string): Promise<{ readonly isOnline: boolean; readonly revision: number }> {
    const [exists, revision] = (await this.#link.run("userState", key, [])) as [number, string];
    return { isOnline: exists === 1, revision: Number(revision) };
  }
}
