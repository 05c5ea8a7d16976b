/** Second factors in a database. */
import type { SecondFactorStore, StoredSecondFactor } from "../../core/ports/second-factor-store.ts";
import { atomically } from "../database/atomically.ts";
import { isUniqueViolation } from "../database/database-error.ts";
import type { Database } from "../database/schema.ts";
import { endLogins } from "./account-rows.ts";

export class KyselySecondFactorStore implements SecondFactorStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async find(accountId: string): Promise<StoredSecondFactor | null> {
    const row = await this.#db
      .selectFrom("accountSecondFactors")
      .select(["sealedSecret", "sealedBackupCodes", "isConfirmed"])
      .where("accountId", "=", accountId)
      .executeTakeFirst();
    return row === undefined ? null : { ...row, isConfirmed: row.isConfirmed === 1 };
  }

  async propose(accountId: string, sealedSecret: string, sealedBackupCodes: string): Promise<boolean> {
    const fresh = {
      sealedSecret,
      sealedBackupCodes,
      isConfirmed: 0,
      lastUsedStep: 0,
      tries: 0,
      lockedUntilMs: 0,
    };
    try {
      return await atomically(this.#db, async (transaction) => {
        await transaction
          .deleteFrom("accountSecondFactors")
          .where("accountId", "=", accountId)
          .where("isConfirmed", "=", 0)
          .execute();
        await transaction
          .insertInto("accountSecondFactors")
          .values({ accountId, ...fresh })
          .execute();
        return true;
      });
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  countTry(
    accountId: string,
    nowMs: number,
    { triesMax, lockMs }: { triesMax: number; lockMs: number },
  ): Promise<number | null> {
    return atomically(this.#db, async (transaction) => {
      // Takes the row's lock, so that simultaneous attempts are counted one after another.
      await transaction
        .updateTable("accountSecondFactors")
        .set((eb) => ({ tries: eb("tries", "+", 1) }))
        .where("accountId", "=", accountId)
        .where("lockedUntilMs", "<=", nowMs)
        .execute();
      const row = await transaction
        .selectFrom("accountSecondFactors")
        .select(["tries", "lockedUntilMs"])
        .where("accountId", "=", accountId)
        .executeTakeFirst();
      if (row === undefined) return null;
      if (row.lockedUntilMs > nowMs) return row.lockedUntilMs;
      if (row.tries < triesMax) return null;
      // The last attempt may still be checked.
      await transaction
        .updateTable("accountSecondFactors")
        .set({ tries: 0, lockedUntilMs: nowMs + lockMs })
        .where("accountId", "=", accountId)
        .execute();
      return null;
    });
  }

  consumeStep(
    accountId: string,
    sealedSecret: string,
    { step, confirms }: { readonly step: number; readonly confirms: boolean },
  ): Promise<boolean> {
    return atomically(this.#db, async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable("accountSecondFactors")
        .set({ lastUsedStep: step, isConfirmed: 1, tries: 0, lockedUntilMs: 0 })
        .where("accountId", "=", accountId)
        .where("sealedSecret", "=", sealedSecret)
        .where("isConfirmed", "=", confirms ? 0 : 1)
        .where("lastUsedStep", "<", step)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      if (confirms) await endLogins(transaction, accountId);
      return true;
    });
  }

  async replaceBackupCodes(accountId: string, sealedBefore: string, sealedAfter: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("accountSecondFactors")
      .set({ sealedBackupCodes: sealedAfter })
      .where("accountId", "=", accountId)
      .where("isConfirmed", "=", 1)
      .where("sealedBackupCodes", "=", sealedBefore)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  remove(accountId: string): Promise<boolean> {
    return atomically(this.#db, async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom("accountSecondFactors")
        .where("accountId", "=", accountId)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      await endLogins(transaction, accountId);
      return true;
    });
  }
}
