/** The data keys that encrypt secrets. They are in the database, encrypted with the master key, which is stored elsewhere. */
import { randomBytes } from "node:crypto";
import type { Selectable } from "kysely";
import { atomically } from "./atomically.ts";
import {
  createMasterKeyFile,
  keyBytes,
  type MasterKey,
  type MasterKeySource,
  MasterKeyUnusable,
  masterKeyPath,
  readMasterKey,
} from "./master-key.ts";
import type { Database, DatabaseTransaction, DataKeyTable } from "./schema.ts";
import { SecretBox } from "./secret-box.ts";

export type WrappedDataKey = Pick<Selectable<DataKeyTable>, "id" | "masterKeyId" | "wrapped">;

/** Opens data keys with one master key and remembers them: unwrapping is once a key, not once a secret. */
export class DataKeys {
  readonly #masterKey: MasterKey;
  readonly #boxes = new Map<string, SecretBox>();

  constructor(masterKey: MasterKey) {
    this.#masterKey = masterKey;
  }

  /** @throws MasterKeyUnusable where the data key is wrapped with another master key */
  box(dataKey: WrappedDataKey): SecretBox {
    const known = this.#boxes.get(dataKey.id);
    if (known !== undefined) return known;
    const box = new SecretBox(unwrapDataKey(this.#masterKey, dataKey).subarray(0, keyBytes));
    this.#boxes.set(dataKey.id, box);
    return box;
  }

  /** The key of the audit log's hashes, which is wrapped with the data key. Null where there is none yet. */
  auditKey(dataKey: WrappedDataKey): Buffer | null {
    const auditKey = unwrapDataKey(this.#masterKey, dataKey).subarray(keyBytes);
    return auditKey.length === 0 ? null : auditKey;
  }

  withAuditKey(dataKey: Selectable<DataKeyTable>, auditKey: Buffer): Selectable<DataKeyTable> {
    const bytes = unwrapDataKey(this.#masterKey, dataKey).subarray(0, keyBytes);
    return wrapDataKey(dataKey.id, Buffer.concat([bytes, auditKey]), this.#masterKey, dataKey.createdAtMs);
  }

  /** The key to seal with. Called in the transaction that seals, which holds the lock: so it cannot be rotated away. */
  async current(transaction: DatabaseTransaction): Promise<{ id: string; box: SecretBox }> {
    const dataKey = await transaction.selectFrom("dataKeys").selectAll().executeTakeFirstOrThrow();
    return { id: dataKey.id, box: this.box(dataKey) };
  }
}

/**
 * Checks that the operator's master key opens what the database holds; at the very first start makes both keys.
 * @throws MasterKeyUnusable where the key is missing, malformed or another one; nothing is changed then
 */
export async function unlockDataKeys(
  db: Database,
  source: MasterKeySource,
  nowMs: number,
): Promise<DataKeys> {
  return atomically(db, async (transaction) => {
    await lockAppChanges(transaction);
    const dataKey = await transaction.selectFrom("dataKeys").selectAll().executeTakeFirst();
    const given = readMasterKey(source);
    if (dataKey === undefined) {
      const masterKey = given ?? createMasterKeyFile(source.dataDir);
      await transaction.insertInto("dataKeys").values(createDataKey(masterKey, nowMs)).execute();
      return new DataKeys(masterKey);
    }
    return unlockWith(given, dataKey, source);
  });
}

function unlockWith(
  masterKey: MasterKey | null,
  dataKey: WrappedDataKey,
  { dataDir }: MasterKeySource,
): DataKeys {
  if (masterKey === null)
    throw new MasterKeyUnusable(
      `The secrets in the database are under the master key ${dataKey.masterKeyId}, which is missing: set SOKETIFY_MASTER_KEY or put it into ${masterKeyPath(dataDir)}. Nothing was changed`,
    );
  const keys = new DataKeys(masterKey);
  keys.box(dataKey);
  return keys;
}

/** The key, and after it the audit log's where there is one. @throws MasterKeyUnusable where the data key is wrapped with another master key */
export function unwrapDataKey(masterKey: MasterKey, { id, masterKeyId, wrapped }: WrappedDataKey): Buffer {
  if (masterKeyId !== masterKey.id)
    throw new MasterKeyUnusable(
      `The secrets in the database are under the master key ${masterKeyId}, and the one given is ${masterKey.id}: give the former. Nothing was changed`,
    );
  return new SecretBox(masterKey.bytes).open(wrapped, context(id));
}

/** @param auditKey empty where there is none yet */
export function createDataKey(
  masterKey: MasterKey,
  nowMs: number,
  auditKey: Buffer = Buffer.alloc(0),
): Selectable<DataKeyTable> {
  const id = randomBytes(8).toString("hex");
  return wrapDataKey(id, Buffer.concat([randomBytes(keyBytes), auditKey]), masterKey, nowMs);
}

export function wrapDataKey(
  id: string,
  bytes: Buffer,
  masterKey: MasterKey,
  createdAtMs: number,
): Selectable<DataKeyTable> {
  const wrapped = new SecretBox(masterKey.bytes).seal(bytes, context(id));
  return { id, masterKeyId: masterKey.id, wrapped, createdAtMs };
}

/** Changes of apps and of keys wait for each other here, across processes, until the transaction ends. */
export async function lockAppChanges(transaction: DatabaseTransaction): Promise<number> {
  await transaction
    .updateTable("appVersion")
    .set((eb) => ({ version: eb("version", "+", 1) }))
    .execute();
  const { version } = await transaction.selectFrom("appVersion").select("version").executeTakeFirstOrThrow();
  return version;
}

function context(dataKeyId: string): string {
  return `data-key/${dataKeyId}`;
}
