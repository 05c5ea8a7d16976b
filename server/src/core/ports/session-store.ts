/** Stores login sessions, and logins that wait for the second factor. Only the hash of each token is stored. */
import type { Account } from "./account-store.ts";

export interface StoredSession {
  readonly id: string;
  readonly accountId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly createdAtMs: number;
  readonly seenAtMs: number;
  readonly expiresAtMs: number;
}

export interface PendingLogin {
  readonly accountId: string;
  /** The first factor that was used, such as `password`. */
  readonly method: string;
  readonly expiresAtMs: number;
}

export interface SessionStore {
  /** Adds a session. Ends the account's oldest sessions beyond `sessionsMax`. */
  begin(session: StoredSession, tokenHash: string, sessionsMax: number): Promise<void>;
  /** The session and its account; null if there is none or it has expired. */
  findByToken(tokenHash: string, nowMs: number): Promise<{ session: StoredSession; account: Account } | null>;
  /** Stores when the session was last used and its new expiry. */
  extend(sessionId: string, seenAtMs: number, expiresAtMs: number): Promise<void>;
  /** The account's sessions that have not expired, newest first. */
  list(accountId: string, nowMs: number): Promise<StoredSession[]>;
  /** Returns false if the account has no such session. */
  end(accountId: string, sessionId: string): Promise<boolean>;
  /** Ends the account's other sessions. Returns how many ended. */
  endOthers(accountId: string, keptSessionId: string): Promise<number>;

  /** Also removes expired logins. */
  addPending(login: PendingLogin, tokenHash: string): Promise<void>;
  /** Null if the login does not exist, has expired, or has no attempts left. */
  findPending(tokenHash: string, nowMs: number, triesMax: number): Promise<PendingLogin | null>;
  /** Like `findPending`, and counts an attempt at the code. Concurrent calls are each counted. */
  takePendingTry(tokenHash: string, nowMs: number, triesMax: number): Promise<PendingLogin | null>;
  /** Removes the login. Only one of several concurrent callers gets true. */
  finishPending(tokenHash: string): Promise<boolean>;
  /** Removes expired sessions and logins. */
  sweep(nowMs: number): Promise<void>;
}
