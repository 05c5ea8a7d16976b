/** Login sessions in a database, and logins that wait for the second factor. */
import type { Selectable } from "kysely";
import type { Account } from "../../core/ports/account-store.ts";
import type { PendingLogin, SessionStore, StoredSession } from "../../core/ports/session-store.ts";
import { atomically } from "../database/atomically.ts";
import type { Database, Schema } from "../database/schema.ts";
import { selectAccounts, toAccount } from "./account-rows.ts";

export class KyselySessionStore implements SessionStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  begin(session: StoredSession, tokenHash: string, sessionsMax: number): Promise<void> {
    return atomically(this.#db, async (transaction) => {
      await transaction
        .insertInto("loginSessions")
        .values({ ...session, tokenHash })
        .execute();
      const surplus = await transaction
        .selectFrom("loginSessions")
        .select("id")
        .where("accountId", "=", session.accountId)
        .orderBy("seenAtMs", "desc")
        .orderBy("id")
        .limit(sessionsMax)
        .offset(sessionsMax)
        .execute();
      const ids = surplus.map(({ id }) => id);
      if (ids.length > 0) await transaction.deleteFrom("loginSessions").where("id", "in", ids).execute();
    });
  }

  async findByToken(
    tokenHash: string,
    nowMs: number,
  ): Promise<{ session: StoredSession; account: Account } | null> {
    const row = await this.#db
      .selectFrom("loginSessions")
      .selectAll()
      .where("tokenHash", "=", tokenHash)
      .where("expiresAtMs", ">", nowMs)
      .executeTakeFirst();
    if (row === undefined) return null;
    const account = await selectAccounts(this.#db)
      .where("accounts.id", "=", row.accountId)
      .executeTakeFirst();
    return account === undefined ? null : { session: toSession(row), account: toAccount(account) };
  }

  async extend(sessionId: string, seenAtMs: number, expiresAtMs: number): Promise<void> {
    await this.#db
      .updateTable("loginSessions")
      .set({ seenAtMs, expiresAtMs })
      .where("id", "=", sessionId)
      .execute();
  }

  async list(accountId: string, nowMs: number): Promise<StoredSession[]> {
    const rows = await this.#db
      .selectFrom("loginSessions")
      .selectAll()
      .where("accountId", "=", accountId)
      .where("expiresAtMs", ">", nowMs)
      .orderBy("createdAtMs", "desc")
      .orderBy("id")
      .execute();
    return rows.map(toSession);
  }

  async end(accountId: string, sessionId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("loginSessions")
      .where("id", "=", sessionId)
      .where("accountId", "=", accountId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async endOthers(accountId: string, keptSessionId: string): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("loginSessions")
      .where("id", "!=", keptSessionId)
      .where("accountId", "=", accountId)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  async addPending(login: PendingLogin, tokenHash: string): Promise<void> {
    await atomically(this.#db, (transaction) =>
      transaction
        .insertInto("pendingLogins")
        .values({ ...login, tokenHash, tries: 0 })
        .execute(),
    );
  }

  async findPending(tokenHash: string, nowMs: number, triesMax: number): Promise<PendingLogin | null> {
    const row = await this.#selectPending(tokenHash, nowMs).where("tries", "<", triesMax).executeTakeFirst();
    return row ?? null;
  }

  async takePendingTry(tokenHash: string, nowMs: number, triesMax: number): Promise<PendingLogin | null> {
    const { numUpdatedRows } = await this.#db
      .updateTable("pendingLogins")
      .set((eb) => ({ tries: eb("tries", "+", 1) }))
      .where("tokenHash", "=", tokenHash)
      .where("expiresAtMs", ">", nowMs)
      .where("tries", "<", triesMax)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return null;
    return (await this.#selectPending(tokenHash, nowMs).executeTakeFirst()) ?? null;
  }

  async finishPending(tokenHash: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("pendingLogins")
      .where("tokenHash", "=", tokenHash)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async sweep(nowMs: number): Promise<void> {
    await this.#db.deleteFrom("loginSessions").where("expiresAtMs", "<=", nowMs).execute();
    await this.#db.deleteFrom("pendingLogins").where("expiresAtMs", "<=", nowMs).execute();
  }

  #selectPending(tokenHash: string, nowMs: number) {
    return this.#db
      .selectFrom("pendingLogins")
      .select(["accountId", "method", "expiresAtMs"])
      .where("tokenHash", "=", tokenHash)
      .where("expiresAtMs", ">", nowMs);
  }
}

function toSession({ tokenHash: _, ...row }: Selectable<Schema["loginSessions"]>): StoredSession {
  return row;
}
