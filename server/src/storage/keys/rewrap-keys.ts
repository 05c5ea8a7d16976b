/**
 * Changes the keys that seal secrets in the database. A running server continues: it reads the keys again when it
 * needs them.
 */
import { secretContext } from "../apps/app-rows.ts";
import { atomically } from "../database/atomically.ts";
import type { Database, DatabaseTransaction } from "../database/schema.ts";
import { headersContext } from "../webhooks/kysely-webhook-store.ts";
import { createDataKey, DataKeys, lockAppChanges, unwrapDataKey, wrapDataKey } from "./data-keys.ts";
import {
  adoptNextMasterKey,
  type MasterKey,
  type MasterKeySource,
  MasterKeyUnusable,
  nextMasterKey,
  parseMasterKey,
  readMasterKey,
} from "./master-key.ts";
import type { SecretBox } from "./secret-box.ts";
import { serverSecretContext } from "./server-secret.ts";

/** Called in the transaction that changes the keys, after the change. */
export type OnKeysChanged<Result> = (transaction: DatabaseTransaction, result: Result) => Promise<unknown>;

/**
 * Wraps the data key with a new master key; the sealed secrets stay unchanged. Returns the new key's id.
 * @param newValue the new master key as text, with which every node must be started from now on;
 *   null creates a new `master.key` in the data folder
 * @throws MasterKeyUnusable if the current key is missing or wrong, or the new one is malformed; nothing is changed then
 */
export async function rewrapMasterKey(
  db: Database,
  present: MasterKeySource,
  newValue: string | null,
  onChanged: OnKeysChanged<string> = async () => undefined,
): Promise<string> {
  const isNewFile = newValue === null;
  if (isNewFile && present.value !== null)
    throw new MasterKeyUnusable("The master key is not in the data folder: give the new one as text too");
  const next = isNewFile ? nextMasterKey(present.dataDir) : parseMasterKey(newValue, "The new master key");
  await atomically(db, async (transaction) => {
    await lockAppChanges(transaction);
    const dataKey = await transaction.selectFrom("dataKeys").selectAll().executeTakeFirstOrThrow();
    // An earlier run was interrupted after this very change.
    if (dataKey.masterKeyId === next.id) return;
    const bytes = unwrapDataKey(presentKey(present), dataKey);
    const { masterKeyId, wrapped } = wrapDataKey(dataKey.id, bytes, next, dataKey.createdAtMs);
    await transaction.updateTable("dataKeys").set({ masterKeyId, wrapped }).execute();
    await onChanged(transaction, masterKeyId);
  });
  if (isNewFile) adoptNextMasterKey(present.dataDir);
  return next.id;
}

/**
 * Seals everything again with a new data key, and deletes the old one. Returns the number of secrets.
 * @throws MasterKeyUnusable, SecretUnreadable; nothing is changed then
 */
export async function rotateDataKey(
  db: Database,
  source: MasterKeySource,
  nowMs: number,
  onChanged: OnKeysChanged<number> = async () => undefined,
): Promise<number> {
  const masterKey = presentKey(source);
  const keys = new DataKeys(masterKey);
  return atomically(db, async (transaction) => {
    await lockAppChanges(transaction);
    await transaction
      .updateTable("webhookState")
      .set((eb) => ({ version: eb("version", "+", 1) }))
      .execute();
    const stored = await transaction.selectFrom("dataKeys").selectAll().executeTakeFirstOrThrow();
    const old = { id: stored.id, box: keys.box(stored) };
    const dataKey = createDataKey(masterKey, nowMs, keys.auditKey(stored) ?? undefined);
    await transaction.insertInto("dataKeys").values(dataKey).execute();
    const resealed = await reseal(transaction, old.box, { id: dataKey.id, box: keys.box(dataKey) });
    await transaction.deleteFrom("dataKeys").where("id", "=", old.id).execute();
    await onChanged(transaction, resealed);
    return resealed;
  });
}

/** Covers every table that contains sealed values. */
async function reseal(
  transaction: DatabaseTransaction,
  old: SecretBox,
  { id: dataKeyId, box }: { id: string; box: SecretBox },
): Promise<number> {
  const again = (sealed: string, context: string) => box.seal(old.open(sealed, context), context);
  const secrets = await transaction.selectFrom("secrets").select(["id", "appId", "sealed"]).execute();
  for (const { id, appId, sealed } of secrets)
    await transaction
      .updateTable("secrets")
      .set({ dataKeyId, sealed: again(sealed, secretContext(appId, id)) })
      .where("id", "=", id)
      .execute();
  const webhooks = await transaction.selectFrom("webhooks").select(["id", "sealedHeaders"]).execute();
  for (const { id, sealedHeaders } of webhooks)
    await transaction
      .updateTable("webhooks")
      .set({ dataKeyId, sealedHeaders: again(sealedHeaders, headersContext(id)) })
      .where("id", "=", id)
      .execute();
  const ofServer = await transaction.selectFrom("serverSecrets").select(["name", "sealed"]).execute();
  for (const { name, sealed } of ofServer)
    await transaction
      .updateTable("serverSecrets")
      .set({ dataKeyId, sealed: again(sealed, serverSecretContext(name)) })
      .where("name", "=", name)
      .execute();
  return secrets.length + webhooks.length + ofServer.length;
}

function presentKey(source: MasterKeySource): MasterKey {
  const key = readMasterKey(source);
  if (key === null)
    throw new MasterKeyUnusable(
      "The current master key is missing: set SOKETIFY_MASTER_KEY to it. Nothing was changed",
    );
  return key;
}
