/** Opens the database for commands that work on it directly, whether a server runs or not. */
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { systemClock } from "../composition/system-clock.ts";
import type { Config } from "../config/config.ts";
import { errorCode } from "../core/error-code.ts";
import type { InOnePeopleTransaction, InOneTransaction } from "../core/ports/transactions.ts";
import { KyselyAppStore } from "../storage/apps/kysely-app-store.ts";
import { protectDataFolder } from "../storage/database/data-folder.ts";
import { explainDatabaseError } from "../storage/database/explain-database-error.ts";
import { databaseAddress, openDatabase } from "../storage/database/open-database.ts";
import type { Database } from "../storage/database/schema.ts";
import { sqliteFile } from "../storage/database/sqlite.ts";
import { createInOnePeopleTransaction, createInOneTransaction } from "../storage/in-one-transaction.ts";
import { AuditKey } from "../storage/keys/audit-key.ts";
import { type DataKeys, unlockDataKeys } from "../storage/keys/data-keys.ts";
import type { MasterKeySource } from "../storage/keys/master-key.ts";
import { migrateAt } from "../storage/migrations/migrate.ts";
import { Refused } from "./refused.ts";
import { WrongUse } from "./wrong-use.ts";

export interface OpenStore {
  readonly db: Database;
  readonly masterKey: MasterKeySource;
  readonly keys: DataKeys;
  readonly apps: KyselyAppStore;
  readonly auditKey: AuditKey;
  readonly inOneTransaction: InOneTransaction;
  readonly inOnePeopleTransaction: InOnePeopleTransaction;
}

/**
 * For commands that read or change an existing database: in the wrong folder they must not create a database and a master key.
 * @throws Refused if there is no database yet
 */
export function requireDatabase({ databaseUrl, dataDir }: Config): void {
  if (databaseUrl !== null) return;
  const folder = resolve(dataDir);
  try {
    accessSync(sqliteFile(dataDir), constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new Refused(
      errorCode(error) === "EACCES"
        ? `This user has no access to the database in ${folder}. Run the command as the server's user, for example with sudo -u soketify`
        : `There is no database in ${folder}, and no server runs on it. Name the server's folder with --data-dir or SOKETIFY_DATA_DIR, or start a server first`,
    );
  }
}

/** @throws Refused if there is no database or it cannot be opened */
export async function withStore<Result>(
  config: Config,
  work: (store: OpenStore) => Promise<Result>,
): Promise<Result> {
  requireDatabase(config);
  return withNewStore(config, work);
}

/** Like `withStore`, but creates the database if there is none. */
export async function withNewStore<Result>(
  config: Config,
  work: (store: OpenStore) => Promise<Result>,
): Promise<Result> {
  const { dataDir, masterKey: value } = config;
  protectDataFolder(dataDir);
  const address = databaseAddress(config);
  const db = await openDatabase(address);
  const masterKey = { value, dataDir };
  try {
    await migrateAt(address, db);
    const keys = await unlockDataKeys(db, masterKey, systemClock.now());
    const auditKey = new AuditKey(db, keys);
    return await work({
      db,
      masterKey,
      keys,
      auditKey,
      apps: new KyselyAppStore(db, keys),
      inOneTransaction: createInOneTransaction(db, { keys, auditKey }, systemClock),
      inOnePeopleTransaction: createInOnePeopleTransaction(db, auditKey, systemClock),
    });
  } catch (error) {
    if (error instanceof WrongUse) throw error;
    throw new Refused(explainDatabaseError(error, address), { cause: error });
  } finally {
    await db.destroy();
  }
}
