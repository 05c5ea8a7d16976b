/**
 * The random key of the audit log's hashes. It is wrapped together with the data key. A new master key or data key does not
 * change it. Someone who deletes it, to pretend that there was no key, also deletes the data key of all apps' secrets.
 */
import { randomBytes } from "node:crypto";
import { signedHead } from "../audit/audit-chain.ts";
import { takeTurn, writeHead } from "../audit/audit-turn.ts";
import { atomically } from "../database/atomically.ts";
import type { Database, DatabaseTransaction } from "../database/schema.ts";
import { type DataKeys, lockAppChanges } from "./data-keys.ts";
import { keyBytes } from "./master-key.ts";
import { serverSecretContext } from "./server-secret.ts";

export class AuditKey {
  readonly #db: Database;
  readonly #keys: DataKeys;
  #loading: Promise<string> | null = null;

  /** @param db must not be a transaction, because the first load uses its own */
  constructor(db: Database, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  /** Returns the key in hex. Creates it if the database has none. Call it before a transaction that appends. */
  async load(): Promise<string> {
    this.#loading ??= loadOrMake(this.#db, this.#keys);
    try {
      return await this.#loading;
    } catch (error) {
      this.#loading = null;
      throw error;
    }
  }
}

function loadOrMake(db: Database, keys: DataKeys): Promise<string> {
  return atomically(db, async (transaction) => {
    await lockAppChanges(transaction);
    const dataKey = await transaction.selectFrom("dataKeys").selectAll().executeTakeFirstOrThrow();
    const known = keys.auditKey(dataKey);
    if (known !== null) return known.toString("hex");
    const key = (await formerKey(transaction, keys)) ?? (await beginKeyedRows(transaction));
    const { wrapped } = keys.withAuditKey(dataKey, key);
    await transaction.updateTable("dataKeys").set({ wrapped }).where("id", "=", dataKey.id).execute();
    return key.toString("hex");
  });
}

/** Older releases kept the key in its own row. The row stays for nodes that still run such a release. */
async function formerKey(transaction: DatabaseTransaction, keys: DataKeys): Promise<Buffer | null> {
  const row = await transaction
    .selectFrom("serverSecrets")
    .select("sealed")
    .where("name", "=", "audit")
    .executeTakeFirst();
  if (row === undefined) return null;
  return (await keys.current(transaction)).box.open(row.sealed, serverSecretContext("audit"));
}

/** Marks in the head that all later rows are hashed with the key, and returns the new key. */
async function beginKeyedRows(transaction: DatabaseTransaction): Promise<Buffer> {
  const key = randomBytes(keyBytes);
  const head = await takeTurn(transaction);
  await writeHead(transaction, signedHead({ ...head, keyedFrom: head.sequence + 1 }, key.toString("hex")));
  return key;
}
