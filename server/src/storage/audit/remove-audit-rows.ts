/**
 * Removes old rows of the audit log. The rest stays verifiable, because the head keeps the hash of the last removed
 * row.
 */
import { auditActor, serverActor } from "../../core/actor.ts";
import type { AuditEntry } from "../../core/ports/audit-log.ts";
import { atomically } from "../database/atomically.ts";
import type { Database, DatabaseTransaction } from "../database/schema.ts";
import { appendRow, toStoredEntry, verifiedHead } from "./append-audit-row.ts";
import type { StoredHead } from "./audit-chain.ts";
import { readHead } from "./audit-turn.ts";
import { walkRows } from "./verify-audit.ts";

/** The maximum number of rows that one transaction removes. */
const rowsMax = 1_000;

interface Times {
  readonly beforeMs: number;
  readonly nowMs: number;
}

export async function removeAuditRows(
  db: Database,
  key: string,
  { beforeMs, nowMs }: Times,
): Promise<number> {
  // The entry that records the removal must not be removed itself.
  const times = { beforeMs: Math.min(beforeMs, nowMs), nowMs };
  let removed = 0;
  for (;;) {
    // Usually there is nothing to remove, so check first without the lock.
    if ((await oldRowsEnd(db, await readHead(db), times.beforeMs)) === null) return removed;
    const count = await atomically(db, (transaction) => removeSome(transaction, key, times));
    if (count === 0) return removed;
    removed += count;
  }
}

async function removeSome(
  transaction: DatabaseTransaction,
  key: string,
  { beforeMs, nowMs }: Times,
): Promise<number> {
  const head = await verifiedHead(transaction, key, nowMs);
  const upTo = await oldRowsEnd(transaction, head, beforeMs);
  if (upTo === null) return 0;
  const { last, rowsChecked, broken } = await walkRows(transaction, head, key, null, upTo);
  // Altered rows are evidence, so they are not removed.
  if (broken !== null && rowsChecked === 0) return 0;
  await transaction.deleteFrom("auditRows").where("sequence", "<=", last.sequence).execute();
  const entry: AuditEntry = {
    ...auditActor(serverActor("retention")),
    action: "audit.remove",
    target: `entries ${head.removedUpTo + 1} to ${last.sequence}`,
    appId: null,
    before: { lastHash: last.hash },
    after: null,
  };
  const removed = { ...head, removedUpTo: last.sequence, removedHash: last.hash };
  await appendRow(transaction, removed, toStoredEntry(entry, nowMs), key);
  return rowsChecked;
}

/** The last of the oldest rows that are old enough, at most a thousand; null if there is none. */
async function oldRowsEnd(
  db: Database,
  { removedUpTo, sequence }: StoredHead,
  beforeMs: number,
): Promise<number | null> {
  const young = await db
    .selectFrom("auditRows")
    .select("sequence")
    .where("sequence", ">", removedUpTo)
    .where("atMs", ">=", beforeMs)
    .orderBy("sequence")
    .limit(1)
    .executeTakeFirst();
  const end = Math.min(young === undefined ? sequence : young.sequence - 1, removedUpTo + rowsMax);
  return end > removedUpTo ? end : null;
}
