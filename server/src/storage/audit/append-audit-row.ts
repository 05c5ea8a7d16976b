/** Appends to the audit log in the transaction of the change. */
import { auditActor, serverActor } from "../../core/actor.ts";
import type { AuditAction } from "../../core/audit-actions.ts";
import type { AuditEntry } from "../../core/ports/audit-log.ts";
import type { DatabaseTransaction } from "../database/schema.ts";
import { isSigned, rowHash, type StoredHead, type StoredRow, signedHead } from "./audit-chain.ts";
import { takeTurn, writeHead } from "./audit-turn.ts";

export type StoredEntry = Omit<StoredRow, "sequence" | "hash">;

/** The action of a row that reports that the end of the log was altered before it. */
export const alarmAction: AuditAction = "audit.alarm";

/**
 * Takes the lock that serializes the writers of all processes until the transaction ends. If the head is not as it was
 * written, or there are rows after it, this first appends a row that reports it permanently: later rows do not hide it.
 */
export async function verifiedHead(
  transaction: DatabaseTransaction,
  key: string,
  nowMs: number,
): Promise<StoredHead> {
  const found = await takeTurn(transaction);
  const newest = await transaction
    .selectFrom("auditRows")
    .select(["sequence", "hash"])
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  const added = newest !== undefined && newest.sequence > found.sequence ? newest : null;
  if (added === null && isSigned(found, key)) return found;
  // After the added rows, because one of them may have the next number.
  const { sequence, hash } = added ?? found;
  const head = { ...found, sequence, hash, keyedFrom: found.keyedFrom ?? sequence + 1 };
  const alarm: AuditEntry = {
    ...auditActor(serverActor("audit log")),
    action: alarmAction,
    target: `entry ${found.sequence}`,
    appId: null,
    before: { sequence: found.sequence, hash: found.hash },
    after: null,
  };
  return (await appendRow(transaction, head, toStoredEntry(alarm, nowMs), key)).head;
}

/** @param head the current head; its `removedUpTo` may be later than in the stored head */
export async function appendRow(
  transaction: DatabaseTransaction,
  head: StoredHead,
  entry: StoredEntry,
  key: string,
): Promise<{ row: StoredRow; head: StoredHead }> {
  const link = { ...entry, sequence: head.sequence + 1 };
  const row = { ...link, hash: rowHash(head.hash, link, key) };
  await transaction.insertInto("auditRows").values(row).execute();
  const after = signedHead({ ...head, sequence: row.sequence, hash: row.hash }, key);
  await writeHead(transaction, after);
  return { row, head: after };
}

/** Shortens texts to a length that the columns store unchanged, so that the hash of the row can be verified. */
export function toStoredEntry(entry: AuditEntry, atMs: number): StoredEntry {
  return {
    atMs,
    actorKind: entry.actorKind,
    actorId: fitOrNull(entry.actorId, 64),
    actor: fit(entry.actor, 255),
    action: fit(entry.action, 64),
    target: fit(entry.target, 255),
    appId: fitOrNull(entry.appId, 64),
    address: fitOrNull(entry.address, 64),
    before: toJson(entry.before),
    after: toJson(entry.after),
  };
}

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function fitOrNull(text: string | null, lengthMax: number): string | null {
  return text === null ? null : fit(text, lengthMax);
}

/** Changes text so that every database returns it unchanged: not longer than its column, no lone surrogate, no NUL. */
function fit(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replaceAll("\0", "\uFFFD").toWellFormed();
}
