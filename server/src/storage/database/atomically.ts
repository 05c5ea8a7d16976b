/** Writes more than one row: a transaction that runs again after a conflict. All other code uses it for that. */
import { Refusal } from "../../core/refusal.ts";
import { isConflict, isOrphan } from "./database-error.ts";
import type { Database, DatabaseTransaction } from "./schema.ts";

/** With the pauses below, about five seconds in total. */
const triesMax = 25;
const pauseMs = 20;
const pauseMsMax = 250;

/**
 * Runs `change` as one transaction: all of its writes are kept, or none.
 *
 * If the database rolls it back because of another transaction (a deadlock, a serialization failure, SQLite's file lock),
 * the whole change runs again, at most 25 times. So `change` must do nothing that a rollback does not undo: it must send
 * nothing, and may assign only outer variables that a second run assigns again.
 *
 * The caller must lock rows in the same order everywhere, such as sorted by key: otherwise two nodes can deadlock repeatedly.
 *
 * If `db` is a transaction already, `change` becomes a part of it, and the outer transaction runs again as a whole.
 * @throws the error of `change`; the last conflict if every run had one; Refusal `owner_deleted` if a row belongs to an app or
 * an account that was deleted in the meantime
 */
export function atomically<Result>(
  db: Database,
  change: (transaction: DatabaseTransaction) => Promise<Result>,
): Promise<Result> {
  if (isTransaction(db)) return change(db);
  return againOnConflict(() => db.transaction().execute(change)).catch((error: unknown) => {
    if (isOrphan(error))
      throw new Refusal(
        "owner_deleted",
        "The app or the account that this belongs to was deleted in the meantime",
      );
    throw error;
  });
}

function isTransaction(db: Database): db is DatabaseTransaction {
  return db.isTransaction;
}

/** @param run must have no effect if it throws */
export async function againOnConflict<Result>(
  run: () => Promise<Result>,
  pause: (ms: number) => Promise<void> = Bun.sleep,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isConflict(error) || tries === triesMax) throw error;
      // A random wait, so that two conflicting transactions do not conflict again.
      await pause(Math.min(pauseMs * tries, pauseMsMax) * (0.5 + Math.random() / 2));
    }
  }
}
