/** The key of the audit log's hashes: sealed as the secrets of apps are, so new master and data keys leave it as it is. */
import { signedHead } from "./audit-chain.ts";
import { takeTurn, writeHead } from "./audit-turn.ts";
import type { DataKeys } from "./data-keys.ts";
import type { Database, DatabaseTransaction } from "./schema.ts";
import { serverSecret } from "./server-secret.ts";

export class AuditKey {
  readonly #db: Database;
  readonly #keys: DataKeys;
  #loading: Promise<string> | null = null;

  /** @param db of no transaction: the first load is one of its own */
  constructor(db: Database, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  /** Makes the key where the database has none yet. To be called before a transaction that appends. */
  async load(): Promise<string> {
    this.#loading ??= serverSecret(this.#db, this.#keys, "audit", beginKeyedRows);
    try {
      return await this.#loading;
    } catch (error) {
      this.#loading = null;
      throw error;
    }
  }
}

/** There is a key from now on exactly where the head is signed with it: nobody can pass it off as older than the key. */
async function beginKeyedRows(transaction: DatabaseTransaction, key: string): Promise<void> {
  const head = await takeTurn(transaction);
  await writeHead(transaction, signedHead({ ...head, keyedFrom: head.sequence + 1 }, key));
}
