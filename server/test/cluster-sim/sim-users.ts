/** The users who are signed in through a node of the simulation, and those that it watches. */
import type { LineListener, Pending } from "../../src/core/ports/line.ts";
import type { Reply } from "./engine-messages.ts";
import type { SimLines } from "./sim-lines.ts";
import type { SimUplink } from "./sim-uplink.ts";

interface OwnUser {
  connections: number;
  notifiesWatchers: boolean;
}

interface WatchedUser {
  watchers: number;
  /** Null until the engine has answered. */
  isOnline: boolean | null;
  waiting: (() => void)[];
}

export class SimUsers {
  readonly #uplink: SimUplink;
  readonly #lines: SimLines;
  readonly #listener: () => LineListener;
  readonly #report: (reply: Reply) => void;
  /** By line. A user without connections stays until the engine was updated. */
  readonly #own = new Map<string, OwnUser>();
  readonly #watched = new Map<string, WatchedUser>();

  constructor(
    uplink: SimUplink,
    lines: SimLines,
    listener: () => LineListener,
    report: (reply: Reply) => void,
  ) {
    this.#uplink = uplink;
    this.#lines = lines;
    this.#listener = listener;
    this.#report = report;
  }

  connected(appId: string, userId: string, notifiesWatchers: boolean): Pending {
    const line = lineOf(appId, userId);
    const user = this.#own.get(line) ?? { connections: 0, notifiesWatchers };
    this.#own.set(line, user);
    user.connections += 1;
    return user.connections === 1 ? this.#write(line, user, false) : undefined;
  }

  disconnected(appId: string, userId: string, notifiesWatchers: boolean): Pending {
    const line = lineOf(appId, userId);
    const user = this.#own.get(line);
    if (user === undefined) return undefined;
    user.connections -= 1;
    user.notifiesWatchers = notifiesWatchers;
    return user.connections === 0 ? this.#write(line, user, false) : undefined;
  }

  watch(appId: string, userIds: readonly string[]): Pending {
    const known = userIds.flatMap((userId) => this.#watchOne(lineOf(appId, userId)) ?? []);
    return known.length === 0 ? undefined : Promise.all(known).then(() => undefined);
  }

  unwatch(appId: string, userIds: readonly string[]): void {
    for (const userId of userIds) {
      const line = lineOf(appId, userId);
      const watched = this.#watched.get(line);
      if (watched === undefined) continue;
      watched.watchers -= 1;
      if (watched.watchers === 0) this.#watched.delete(line);
      this.#lines.unfollow(line);
    }
  }

  isOnline(appId: string, userId: string): boolean {
    const line = lineOf(appId, userId);
    return this.#watched.get(line)?.isOnline ?? this.#isHere(line);
  }

  enterAgain(isSilent: boolean): void {
    for (const [line, user] of [...this.#own]) void this.#write(line, user, isSilent);
  }

  /** Requests the state of all watched users whose lines are followed. */
  askAgain(): void {
    for (const line of this.#watched.keys()) this.#ask(line);
  }

  /** Requests the state only now, so that no change is missed in between. */
  followed(line: string): void {
    if (this.#watched.has(line)) this.#ask(line);
  }

  lost(): void {
    for (const [line, watched] of this.#watched) {
      watched.isOnline ??= this.#isHere(line);
      for (const done of watched.waiting.splice(0)) done();
    }
  }

  /** Handles a message of the user's line: a change, or the answer to a request. */
  receive(line: string, isOnline: boolean): void {
    const watched = this.#watched.get(line);
    if (watched === undefined || watched.isOnline === isOnline) return;
    // Before the first answer nothing was reported to anybody.
    const isNews = watched.isOnline !== null;
    watched.isOnline = isOnline;
    const [appId = "", userId = ""] = line.split("/#");
    if (isNews) this.#listener().userOnline(appId, userId, isOnline);
    for (const done of watched.waiting.splice(0)) done();
  }

  #watchOne(line: string): Promise<void> | null {
    const watched = this.#watched.get(line) ?? { watchers: 0, isOnline: null, waiting: [] };
    this.#watched.set(line, watched);
    watched.watchers += 1;
    this.#lines.follow(line, () => {
      if (watched.isOnline !== null) return;
      if (this.#uplink.isReady) this.#ask(line);
      else this.lost();
    });
    if (watched.isOnline !== null) return null;
    return new Promise((resolve) => watched.waiting.push(resolve));
  }

  #ask(line: string): void {
    const [appId = "", userId = ""] = line.split("/#");
    this.#uplink.command(
      (engine) => engine.users.watch(this.#lines, appId, userId),
      () => undefined,
      () => undefined,
    );
  }

  #write(line: string, user: OwnUser, isSilent: boolean): Pending {
    if (!this.#uplink.isReady) return undefined;
    const [appId = "", userId = ""] = line.split("/#");
    const { session } = this.#uplink;
    const isOnline = user.connections > 0;
    const { notifiesWatchers } = user;
    return new Promise((resolve) => {
      this.#uplink.command(
        (engine) => engine.users.set({ session, appId, userId, notifiesWatchers }, isOnline, isSilent),
        (reply) => {
          if (user.connections === 0 && this.#own.get(line) === user) this.#own.delete(line);
          this.#report(reply);
          resolve();
        },
        resolve,
      );
    });
  }

  #isHere(line: string): boolean {
    return (this.#own.get(line)?.connections ?? 0) > 0;
  }
}

function lineOf(appId: string, userId: string): string {
  return `${appId}/#${userId}`;
}
