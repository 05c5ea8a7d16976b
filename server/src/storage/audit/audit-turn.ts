/** The row that stores the audit log's head. Its lock serializes the writers. */

import type { Database, DatabaseTransaction } from "../database/schema.ts";
import type { StoredHead } from "./audit-chain.ts";

export async function readHead(db: Database): Promise<StoredHead> {
  const { id: _, turn: __, ...head } = await db.selectFrom("auditHead").selectAll().executeTakeFirstOrThrow();
  return head;
}

/** Locks the head, so that no other process changes it until the transaction ends, and returns it. */
export async function takeTurn(transaction: DatabaseTransaction): Promise<StoredHead> {
  // A locking read returns the current row. MySQL's snapshot may be older.
  await transaction
    .updateTable("auditHead")
    .set((eb) => ({ turn: eb("turn", "+", 1) }))
    .execute();
  return readHead(transaction);
}

export async function writeHead(transaction: DatabaseTransaction, head: StoredHead): Promise<void> {
  await transaction.updateTable("auditHead").set(head).execute();
}
