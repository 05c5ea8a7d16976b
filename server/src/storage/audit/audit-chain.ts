/**
 * The hash chain of the audit log. Each row's keyed hash includes the hash of the row before. The head names the newest row
 * and has a MAC with the same key. Someone who can write the database, but has no key, can forge neither.
 */
import { createHash, createHmac } from "node:crypto";
import type { Selectable } from "kysely";
import { equalInConstantTime } from "../../protocol/signature.ts";
import type { Schema } from "../database/schema.ts";

export type StoredRow = Selectable<Schema["auditRows"]>;
export type StoredHead = Omit<Selectable<Schema["auditHead"]>, "id" | "turn">;

/** Hashes the stored JSON in a fixed order of fields, so that the same row always has the same hash. */
export function rowHash(previousHash: string, row: Omit<StoredRow, "hash">, key: string): string {
  const { sequence, atMs, actorKind, actorId, actor, action, target, appId, address, before, after } = row;
  const fields = [
    "row",
    previousHash,
    sequence,
    atMs,
    actorKind,
    actorId,
    actor,
    action,
    target,
    appId,
    address,
    before,
    after,
  ];
  return mac(key, fields);
}

/** The hash that releases without a key wrote. */
export function formerRowHash(previousHash: string, row: Omit<StoredRow, "hash">): string {
  const { sequence, atMs, actor, action, target, appId, address, before, after } = row;
  const fields = [previousHash, sequence, atMs, actor, action, target, appId, address, before, after];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

/** Whether the row is unaltered and follows the row with the hash `previousHash`. */
export function follows(
  row: StoredRow,
  previousHash: string,
  keyedFrom: StoredHead["keyedFrom"],
  key: string,
): boolean {
  if (keyedFrom !== null && row.sequence >= keyedFrom)
    return equalInConstantTime(row.hash, rowHash(previousHash, row, key));
  // That hash did not cover the actor's kind and id, so they must be empty.
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
