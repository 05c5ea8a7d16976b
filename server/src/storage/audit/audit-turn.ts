/** The row that stores the audit log's head. Its lock serializes the writers. */

import type { Database, DatabaseTransaction } from "../database/schema.ts";
import type { StoredHead } from "./audit-chain.ts";

/** An unsigned head, in place of one that somebody removed from the database. */
const removedHead: StoredHead = {
  sequence: 0,
  hash: "",
  keyedFrom: null,
  removedUpTo: 0,
  removedHash: "",
  mac: "",
};

export async function readHead(db: Database): Promise<StoredHead> {
  const row = await db.selectFrom("auditHead").selectAll().executeTakeFirst();
  if (row === undefined) return removedHead;
  const { id: _, turn: __, ...head } = row;
  return head;
}

/** Locks the head, so that no other process changes it until the transaction ends, and returns it. */
export async function takeTurn(transaction: DatabaseTransaction): Promise<StoredHead> {
  // A locking read returns the current row. MySQL's snapshot may be older.
  const { numUpdatedRows } = await transaction
    .updateTable("auditHead")
    .set((eb) => ({ turn: eb("turn", "+", 1) }))
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n)
    await transaction
      .insertInto("auditHead")
      .values({ id: 1, turn: 0, ...removedHead })
      .execute();
  return readHead(transaction);
}

export async function writeHead(transaction: DatabaseTransaction, head: StoredHead): Promise<void> {
  await transaction.updateTable("auditHead").set(head).execute();
}
