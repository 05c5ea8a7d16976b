/** A change as one transaction. */
import { isDeadlock } from "./database-error.ts";
import type { Database, DatabaseTransaction } from "./schema.ts";

const triesMax = 5;

/** Runs the change again where the database undid it because of another one at the same time. */
export async function atomically<Result>(
  db: Database,
  change: (transaction: DatabaseTransaction) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction().execute(change);
    } catch (error) {
      if (!isDeadlock(error) || tries === triesMax) throw error;
    }
  }
}
