/** Opens the database for a server: migrates it, unlocks its secrets, and handles its outages. */
import { statSync } from "node:fs";
import type { AppRecord } from "../core/apps/app.ts";
import type { Clock } from "../core/ports/clock.ts";
import { AppFeed } from "./apps/app-feed.ts";
import { toAppRecords } from "./apps/app-rows.ts";
import { AppSnapshot } from "./apps/app-snapshot.ts";
import { KyselyAppStore } from "./apps/kysely-app-store.ts";
import { isUnreachable } from "./database/database-error.ts";
import { explainDatabaseError } from "./database/explain-database-error.ts";
import { type DatabaseAddress, describeDatabase, openDatabase } from "./database/open-database.ts";
import type { Database } from "./database/schema.ts";
import { sqliteFile } from "./database/sqlite.ts";
import { damageOf, explainDamage } from "./database/sqlite-damage.ts";
import { WriteWatch } from "./database/write-watch.ts";
import { DataKeys, unlockDataKeys } from "./keys/data-keys.ts";
import { type MasterKeySource, MasterKeyUnusable, masterKeyPath, readMasterKey } from "./keys/master-key.ts";
import { migrateAt } from "./migrations/migrate.ts";

export interface Storage {
  readonly db: Database;
  readonly keys: DataKeys;
  readonly store: KyselyAppStore;
  /** The apps to serve first: from the database, or from the snapshot while the database is unreachable. */
  readonly apps: readonly AppRecord[];
  /** Not yet started. */
  readonly feed: AppFeed;
  /** Not yet started. */
  readonly writes: WriteWatch;
}

/** Checking a larger file would delay a start by seconds; `soketify doctor` checks every file. */
const checkedBytesMax = 512 * 1_024 ** 2;

class DatabaseUnusable extends Error {}

/**
 * @param masterKey the value of SOKETIFY_MASTER_KEY, or null for the file in the data folder
 * @throws DatabaseUnusable if the database refuses, or is unreachable and has no snapshot
 * @throws MasterKeyUnusable if the master key is missing, malformed or a different one
 */
export async function openStorage(
  address: DatabaseAddress,
  masterKey: string | null,
  clock: Clock,
): Promise<Storage> {
  const database = describeDatabase(address);
  const source = { value: masterKey, dataDir: address.dataDir };
  const snapshot = address.url === null ? null : new AppSnapshot(address.dataDir, database);
  const writes = new WriteWatch(clock);
  const db = await openDatabase(address, { onError: (error) => writes.record(error) });
  const prepare = async () => {
    if (address.url === null) await refuseDamage(db, sqliteFile(address.dataDir));
    await migrateAt(address, db);
    return unlockDataKeys(db, source, clock.now());
  };
  try {
    const keys = await prepare();
    const store = new KyselyAppStore(db, keys);
    const feed = new AppFeed({ store, snapshot, prepare }, clock, null);
    return { db, keys, store, feed, writes, apps: await store.list() };
  } catch (error) {
    const rows = isUnreachable(error) ? ((await snapshot?.read()) ?? null) : null;
    if (rows !== null) {
      const keys = masterKeyFor(source);
      const store = new KyselyAppStore(db, keys);
      const apps = toAppRecords(rows, keys);
      const feed = new AppFeed({ store, snapshot, prepare }, clock, apps);
      return { db, keys, store, apps, feed, writes };
    }
    await db.destroy();
    if (error instanceof MasterKeyUnusable) throw error;
    throw new DatabaseUnusable(`Cannot use ${database}: ${explainDatabaseError(error, address)}`, {
      cause: error,
    });
  }
}

/** Checks at the start: if damage is found later, everything written until then is lost. */
async function refuseDamage(db: Database, file: string): Promise<void> {
  if (statSync(file).size > checkedBytesMax) return;
  const damage = await damageOf(db);
  if (damage !== null) throw new DatabaseUnusable(explainDamage(file, damage));
}

function masterKeyFor(source: MasterKeySource): DataKeys {
  const masterKey = readMasterKey(source);
  if (masterKey === null)
    throw new MasterKeyUnusable(
      `The database is unreachable, and the snapshot of its apps cannot be decrypted without the master key: set SOKETIFY_MASTER_KEY or put the key into ${masterKeyPath(source.dataDir)}`,
    );
  return new DataKeys(masterKey);
}
