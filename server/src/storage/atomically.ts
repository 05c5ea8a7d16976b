/** A change as one transaction. */
import { isConflict } from "./database-error.ts";
import type { Database, DatabaseTransaction } from "./schema.ts";

/** For about five seconds in all. */
const triesMax = 25;
const pauseMs = 20;
const pauseMsMax = 250;

/**
 * Runs the change again where the database undid it, or did not begin it, because of another one at the same time.
 * Within a transaction it is a part of that one.
 */
export function atomically<Result>(
  db: Database,
  change: (transaction: DatabaseTransaction) => Promise<Result>,
): Promise<Result> {
  if (isTransaction(db)) return change(db);
  return againOnConflict(() => db.transaction().execute(change));
}

function isTransaction(db: Database): db is DatabaseTransaction {
  return db.isTransaction;
}

/** @param run something that leaves nothing behind where it throws */
export async function againOnConflict<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isConflict(error) || tries === triesMax) throw error;
      await Bun.sleep(Math.min(pauseMs * tries, pauseMsMax));
    }
  }
}
