/** Login sessions, one for each logged-in browser, and logins that still wait for a code. */
import type { Account } from "../core/ports/account-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { PendingLogin, SessionStore, StoredSession } from "../core/ports/session-store.ts";
import { hashOfToken, newId, newToken } from "./tokens.ts";

/** An unused session ends after this time; each use extends it. */
export const sessionLastsMs = 7 * 24 * 3_600_000;
/** The time to enter the code after the password. */
export const pendingLastsMs = 600_000;

const seenEveryMs = 3_600_000;
const sessionsMax = 50;
const pendingTriesMax = 5;
const userAgentCharsMax = 500;

/** The origin of a request. */
export interface Visitor {
  readonly address: string | null;
  readonly userAgent: string | null;
}

export class LoginSessions {
  readonly #store: SessionStore;
  readonly #clock: Pick<Clock, "now">;

  constructor(store: SessionStore, clock: Pick<Clock, "now">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Begins a session. Returns the token for the browser's cookie. */
  async begin({ id: accountId }: Account, { address, userAgent }: Visitor): Promise<string> {
    const token = newToken();
    const now = this.#clock.now();
    const session = {
      id: newId(),
      accountId,
      address,
      userAgent: userAgent?.slice(0, userAgentCharsMax) ?? null,
      createdAtMs: now,
      seenAtMs: now,
      expiresAtMs: now + sessionLastsMs,
    };
    await this.#store.sweep(now);
    await this.#store.begin(session, hashOfToken(token), sessionsMax);
    return token;
  }

  /** Null if the session has ended or expired. */
  find(token: string): Promise<{ session: StoredSession; account: Account } | null> {
    return this.#store.findByToken(hashOfToken(token), this.#clock.now());
  }

  /** Extends a session that is used. Returns false, without a change, if it was extended within the last hour. */
  async extend({ id, seenAtMs }: StoredSession): Promise<boolean> {
    const now = this.#clock.now();
    if (now - seenAtMs < seenEveryMs) return false;
    await this.#store.extend(id, now, now + sessionLastsMs);
    return true;
  }

  list(accountId: string): Promise<StoredSession[]> {
    return this.#store.list(accountId, this.#clock.now());
  }

  /** Returns false if the account has no such session. */
  end(accountId: string, sessionId: string): Promise<boolean> {
    return this.#store.end(accountId, sessionId);
  }

  /** Ends the session with this token, if there is one. */
  async endByToken(token: string): Promise<void> {
    const found = await this.find(token);
    if (found !== null) await this.end(found.account.id, found.session.id);
  }

  /** Ends the account's other sessions. Returns how many ended. */
  endOthers(accountId: string, keptSessionId: string): Promise<number> {
    return this.#store.endOthers(accountId, keptSessionId);
  }

  /** Begins a login that waits for a code, after the first factor was correct. Returns its token. */
  async beginPending({ id: accountId }: Account, method: PendingLogin["method"]): Promise<string> {
    const token = newToken();
    const now = this.#clock.now();
    await this.#store.sweep(now);
    await this.#store.addPending(
      { accountId, method, expiresAtMs: now + pendingLastsMs },
      hashOfToken(token),
    );
    return token;
  }

  async isPending(token: string): Promise<boolean> {
    const pending = await this.#store.findPending(hashOfToken(token), this.#clock.now(), pendingTriesMax);
    return pending !== null;
  }

  /** Counts an attempt at the code. Null if the login has ended or has no attempts left. */
  takePendingTry(token: string): Promise<PendingLogin | null> {
    return this.#store.takePendingTry(hashOfToken(token), this.#clock.now(), pendingTriesMax);
  }

  /** Ends the login. Only one of several concurrent callers gets true, and may begin a session. */
  finishPending(token: string): Promise<boolean> {
    return this.#store.finishPending(hashOfToken(token));
  }
}
