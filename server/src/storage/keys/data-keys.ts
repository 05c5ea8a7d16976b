/** The data keys that encrypt secrets. They are in the database, encrypted with the master key, which is stored elsewhere. */
import { randomBytes } from "node:crypto";
import type { Selectable } from "kysely";
import { atomically } from "../database/atomically.ts";
import type { Database, DatabaseTransaction, DataKeyTable } from "../database/schema.ts";
import {
  createMasterKeyFile,
  keyBytes,
  type MasterKey,
  type MasterKeySource,
  MasterKeyUnusable,
  masterKeyPath,
  readMasterKey,
} from "./master-key.ts";
import { SecretBox } from "./secret-box.ts";

export type WrappedDataKey = Pick<Selectable<DataKeyTable>, "id" | "masterKeyId" | "wrapped">;

/** Unwraps data keys with one master key and caches them, so that each key is unwrapped once, not once for each secret. */
export class DataKeys {
  readonly #masterKey: MasterKey;
  readonly #boxes = new Map<string, SecretBox>();

  constructor(masterKey: MasterKey) {
    this.#masterKey = masterKey;
  }

  /** @throws MasterKeyUnusable if the data key is wrapped with another master key */
  box(dataKey: WrappedDataKey): SecretBox {
    const known = this.#boxes.get(dataKey.id);
    if (known !== undefined) return known;
    const box = new SecretBox(unwrapDataKey(this.#masterKey, dataKey).subarray(0, keyBytes));
    this.#boxes.set(dataKey.id, box);
    return box;
  }

  /** The key of the audit log's hashes, which is wrapped with the data key; null if there is none yet. */
  auditKey(dataKey: WrappedDataKey): Buffer | null {
    const auditKey = unwrapDataKey(this.#masterKey, dataKey).subarray(keyBytes);
    return auditKey.length === 0 ? null : auditKey;
  }

  withAuditKey(dataKey: Selectable<DataKeyTable>, auditKey: Buffer): Selectable<DataKeyTable> {
    const bytes = unwrapDataKey(this.#masterKey, dataKey).subarray(0, keyBytes);
    return wrapDataKey(dataKey.id, Buffer.concat([bytes, auditKey]), this.#masterKey, dataKey.createdAtMs);
  }

  /** The key to seal with. The caller seals in the same transaction: it holds the lock, so the key cannot be rotated meanwhile. */
  async current(transaction: DatabaseTransaction): Promise<{ id: string; box: SecretBox }> {
    const dataKey = await transaction.selectFrom("dataKeys").selectAll().executeTakeFirstOrThrow();
    return { id: dataKey.id, box: this.box(dataKey) };
  }
}

/**
 * Checks that the operator's master key opens the data key in the database. The very first start creates both keys.
 * @throws MasterKeyUnusable if the master key is missing, malformed or a different one; nothing is changed then
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
      `The secrets in the database are encrypted with the master key ${dataKey.masterKeyId}, which is missing: set SOKETIFY_MASTER_KEY or put the key into ${masterKeyPath(dataDir)}. Nothing was changed`,
    );
  const keys = new DataKeys(masterKey);
  keys.box(dataKey);
  return keys;
}

/** Returns the data key, followed by the audit log's key if there is one. @throws MasterKeyUnusable if the data key is wrapped with another master key */
export function unwrapDataKey(masterKey: MasterKey, { id, masterKeyId, wrapped }: WrappedDataKey): Buffer {
  if (masterKeyId !== masterKey.id)
    throw new MasterKeyUnusable(
      `The secrets in the database are encrypted with the master key ${masterKeyId}, but the given key is ${masterKey.id}: provide the first one. Nothing was changed`,
    );
  return new SecretBox(masterKey.bytes).open(wrapped, context(id));
}

/** @param auditKey empty if there is none yet */
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

/** Takes the lock that serializes changes of apps and keys in all processes until the transaction ends. Returns the next version of the store. */
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
