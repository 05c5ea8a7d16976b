/** Login sessions, and logins that wait for the second factor. Of every token only a hash is kept. */
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
  /** How the first factor was shown, such as `password`. */
  readonly method: string;
  readonly expiresAtMs: number;
}

export interface SessionStore {
  /** Begins a session, and ends the account's oldest where it then has more than `sessionsMax`. */
  begin(session: StoredSession, tokenHash: string, sessionsMax: number): Promise<void>;
  /** The session and whose it is; null where there is none, or it has expired. */
  findByToken(tokenHash: string, nowMs: number): Promise<{ session: StoredSession; account: Account } | null>;
  /** Says that the session was used, and until when it lasts now. */
  extend(sessionId: string, seenAtMs: number, expiresAtMs: number): Promise<void>;
  /** Those of the account that have not expired, the latest first. */
  list(accountId: string, nowMs: number): Promise<StoredSession[]>;
  /** False where the account has no such session. */
  end(accountId: string, sessionId: string): Promise<boolean>;
  /** How many ended. */
  endOthers(accountId: string, keptSessionId: string): Promise<number>;

  /** Removes those that have expired, too. */
  addPending(login: PendingLogin, tokenHash: string): Promise<void>;
  /** Null where the login is gone, has expired, or had its last try. */
  findPending(tokenHash: string, nowMs: number, triesMax: number): Promise<PendingLogin | null>;
  /** The same, and counts a try at the code. Calls at the same moment are counted one by one. */
  takePendingTry(tokenHash: string, nowMs: number, triesMax: number): Promise<PendingLogin | null>;
  /** Removes the login. Of several callers at once one gets true. */
  finishPending(tokenHash: string): Promise<boolean>;
  /** Removes sessions and logins that have expired. */
  sweep(nowMs: number): Promise<void>;
}
