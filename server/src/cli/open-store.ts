/** For the commands that work on the database itself, whether a server runs or not. */
import { mkdirSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { type DataKeys, unlockDataKeys } from "../storage/data-keys.ts";
import { KyselyAppStore } from "../storage/kysely-app-store.ts";
import { KyselyAuditLog } from "../storage/kysely-audit-log.ts";
import type { MasterKeySource } from "../storage/master-key.ts";
import { migrate } from "../storage/migrate.ts";
import { openDatabase } from "../storage/open-database.ts";
import type { Database } from "../storage/schema.ts";
import { systemClock } from "../system-clock.ts";
import { Refused } from "./refused.ts";

export interface OpenStore {
  readonly db: Database;
  readonly masterKey: MasterKeySource;
  readonly keys: DataKeys;
  readonly apps: KyselyAppStore;
  readonly audit: KyselyAuditLog;
}

/** @throws Refused with whatever stands in the way */
export async function withStore<Result>(
  { databaseUrl, dataDir, masterKey: value }: Config,
  work: (store: OpenStore) => Promise<Result>,
): Promise<Result> {
  mkdirSync(dataDir, { recursive: true });
  const db = await openDatabase({ url: databaseUrl, dataDir });
  const masterKey = { value, dataDir };
  try {
    await migrate(db);
    const keys = await unlockDataKeys(db, masterKey, systemClock.now());
    return await work({
      db,
      masterKey,
      keys,
      apps: new KyselyAppStore(db, keys),
      audit: new KyselyAuditLog(db, systemClock),
    });
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    await db.destroy();
  }
}
