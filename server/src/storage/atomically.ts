/** The one way to write more than one row: a transaction that is run again after a conflict. */
import { Refusal } from "../core/refusal.ts";
import { isConflict, isOrphan } from "./database-error.ts";
import type { Database, DatabaseTransaction } from "./schema.ts";

/** With the pauses below, about five seconds in all. */
const triesMax = 25;
const pauseMs = 20;
const pauseMsMax = 250;

/**
 * Runs `change` as one transaction: all of it is kept, or none.
 *
 * Where the database undid it because of another transaction (a deadlock, a serialization failure, a lock of SQLite's
 * file), the whole change runs again, at most 25 times. So `change` does nothing that a rollback does not undo: it
 * sends nothing, and assigns no variable outside that a second run would not assign again.
 *
 * The caller locks rows in one order everywhere, such as sorted by key: otherwise two nodes deadlock again and again.
 *
 * Called with a transaction, it is a part of that one, which runs again as a whole.
 * @throws what `change` throws, the last conflict where each run met one, and Refusal `owner_deleted` where a row belongs
 * to an app or an account that was deleted meanwhile
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

/** @param run must leave nothing behind if it throws */
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
