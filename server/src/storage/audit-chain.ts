/**
 * How the audit log's rows hold together: each is hashed with the hash of the one before, and the head, which names
 * the newest row, with the same key. Whoever may write the database but has no key can make neither.
 */
import { createHash, createHmac } from "node:crypto";
import type { Selectable } from "kysely";
import { equalInConstantTime } from "../protocol/signature.ts";
import type { Schema } from "./schema.ts";

export type StoredRow = Selectable<Schema["auditRows"]>;
export type StoredHead = Omit<Selectable<Schema["auditHead"]>, "id" | "turn">;

/** Over the JSON as it is stored, in a fixed order, so that the same row always hashes the same. */
export function rowHash(previousHash: string, row: Omit<StoredRow, "hash">, key: string): string {
  const { sequence, atMs, actorKind, actorId, actor, action, target, appId, address, before, after } = row;
  const fields = [
    ...["row", previousHash, sequence, atMs, actorKind, actorId, actor],
    ...[action, target, appId, address, before, after],
  ];
  return mac(key, fields);
}

/** As releases without a key hashed their rows. */
export function formerRowHash(previousHash: string, row: Omit<StoredRow, "hash">): string {
  const { sequence, atMs, actor, action, target, appId, address, before, after } = row;
  const fields = [previousHash, sequence, atMs, actor, action, target, appId, address, before, after];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

/** Whether a row is as it was written after that link. */
export function follows(
  row: StoredRow,
  previousHash: string,
  keyedFrom: StoredHead["keyedFrom"],
  key: string,
): boolean {
  if (keyedFrom !== null && row.sequence >= keyedFrom)
    return equalInConstantTime(row.hash, rowHash(previousHash, row, key));
  // These were in no hash then, so nothing may stand in them.
  return row.actorKind === null && row.actorId === null && row.hash === formerRowHash(previousHash, row);
}

export function signedHead(head: Omit<StoredHead, "mac">, key: string): StoredHead {
  return { ...head, mac: headMac(head, key) };
}

export function isSigned(head: StoredHead, key: string): boolean {
  return equalInConstantTime(head.mac, headMac(head, key));
}

function headMac(head: Omit<StoredHead, "mac">, key: string): string {
  const { sequence, hash, keyedFrom, removedUpTo, removedHash } = head;
  return mac(key, ["head", sequence, hash, keyedFrom, removedUpTo, removedHash]);
}

function mac(key: string, fields: readonly unknown[]): string {
  return createHmac("sha256", Buffer.from(key, "hex")).update(JSON.stringify(fields)).digest("hex");
}
