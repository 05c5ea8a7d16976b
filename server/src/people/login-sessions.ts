/** Login sessions: one for each browser in which a person is logged in, and logins that still wait for a code. */
import type { Account } from "../core/ports/account-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { PendingLogin, SessionStore, StoredSession } from "../core/ports/session-store.ts";
import { hashOfToken, newId, newToken } from "./tokens.ts";

/** A session that is used lasts on; one that is not ends after this. */
export const sessionLastsMs = 7 * 24 * 3_600_000;
/** After the password, for the code. */
export const pendingLastsMs = 600_000;

const seenEveryMs = 3_600_000;
const sessionsMax = 50;
const pendingTriesMax = 5;
const userAgentCharsMax = 500;

/** Where a request comes from. */
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

  /** Answers the token that the browser is to keep. */
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

  /** Null where the session is over. */
  find(token: string): Promise<{ session: StoredSession; account: Account } | null> {
    return this.#store.findByToken(hashOfToken(token), this.#clock.now());
  }

  /** Lets a session that is used last on. False where that was done within the last hour. */
  async extend({ id, seenAtMs }: StoredSession): Promise<boolean> {
    const now = this.#clock.now();
    if (now - seenAtMs < seenEveryMs) return false;
    await this.#store.extend(id, now, now + sessionLastsMs);
    return true;
  }

  list(accountId: string): Promise<StoredSession[]> {
    return this.#store.list(accountId, this.#clock.now());
  }

  /** False where the account has no such session. */
  end(accountId: string, sessionId: string): Promise<boolean> {
    return this.#store.end(accountId, sessionId);
  }

  /** The session that a browser had before, where it is not over. */
  async endByToken(token: string): Promise<void> {
    const found = await this.find(token);
    if (found !== null) await this.end(found.account.id, found.session.id);
  }

  /** How many ended. */
  endOthers(accountId: string, keptSessionId: string): Promise<number> {
    return this.#store.endOthers(accountId, keptSessionId);
  }

  /** The first factor was right. Answers the token with which the code is to come. */
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

  /** Counts a try at the code. Null where the login is over, or had its last try. */
  takePendingTry(token: string): Promise<PendingLogin | null> {
    return this.#store.takePendingTry(hashOfToken(token), this.#clock.now(), pendingTriesMax);
  }

  /** Of several callers at once one gets true, and may begin a session. */
  finishPending(token: string): Promise<boolean> {
    return this.#store.finishPending(hashOfToken(token));
  }
}
