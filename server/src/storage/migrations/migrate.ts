/** Migrates the tables to this release's schema. Forward only: an older release refuses a newer database. */
import { Migrator } from "kysely";
import { againOnConflict } from "../database/atomically.ts";
import { noTimeLimits } from "../database/connection-limits.ts";
import { type DatabaseAddress, openDatabase } from "../database/open-database.ts";
import type { Database } from "../database/schema.ts";
import { TablePrefixPlugin, tablePrefixOf } from "../database/table-prefix.ts";
import { up as apps } from "./001-apps.ts";
import { up as tokens } from "./002-tokens.ts";
import { up as audit } from "./003-audit.ts";
import { up as stats } from "./004-stats.ts";
import { up as webhooks } from "./005-webhooks.ts";
import { up as people } from "./006-people.ts";
import { up as usedCodes } from "./007-used-codes.ts";
import { up as webhookLanes } from "./009-webhook-lanes.ts";
import { up as auditChain } from "./010-audit-chain.ts";
import { up as accounts } from "./011-accounts.ts";
import { up as owners } from "./012-owners.ts";
import { up as departureRevisions } from "./013-departure-revisions.ts";
import { up as errorHours } from "./014-error-hours.ts";
import { up as settledDepartures } from "./015-settled-departures.ts";
import { up as nodeStarts } from "./016-node-starts.ts";
import { up as causes } from "./017-causes.ts";
import { up as localhostWebhooks } from "./018-localhost-webhooks.ts";
import {
  currentSchema,
  type MigrationState,
  migrationState,
  migrationTables,
  type Steps,
} from "./migration-state.ts";

/** An ordered object in code, because a compiled program has no folder to read files from. */
export const migrations: Steps = {
  "001-apps": { up: apps },
  "002-tokens": { up: tokens },
  "003-audit": { up: audit },
  "004-stats": { up: stats },
  "005-webhooks": { up: webhooks },
  "006-people": { up: people },
  "007-used-codes": { up: usedCodes },
  "009-webhook-lanes": { up: webhookLanes },
  "010-audit-chain": { up: auditChain },
  "011-accounts": { up: accounts },
  "012-owners": { up: owners },
  "013-departure-revisions": { up: departureRevisions },
  "014-error-hours": { up: errorHours },
  "015-settled-departures": { up: settledDepartures },
  "016-node-starts": { up: nodeStarts },
  "017-causes": { up: causes },
  "018-localhost-webhooks": { up: localhostWebhooks },
};

/** The step that creates the tables of apps and keys. */
export const firstStep = "001-apps";

/** The state before a migration. @throws DatabaseTooNew, DatabaseShared */
export function readMigrationState(db: Database): Promise<MigrationState> {
  return migrationState(db, migrations);
}

/**
 * Runs the pending steps under a lock, so several processes may call it at the same time. PostgreSQL and SQLite run them as
 * one transaction. MySQL commits each statement, so the next call finishes steps that were interrupted. Returns the names of
 * the steps that it ran.
 * @param steps this release's steps; tests pass only the first ones
 * @throws DatabaseTooNew if a newer release has changed the tables
 * @throws DatabaseShared if another program's tables have our names; nothing is changed then
 */
export async function migrate(db: Database, steps: Steps = migrations): Promise<string[]> {
  const { pending } = await migrationState(db, steps);
  if (pending.length === 0) return [];
  const migrator = await createMigrator(db, steps);
  return againOnConflict(async () => {
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error === undefined) return results.map(({ migrationName }) => migrationName);
    // Another process with a newer release may have migrated first.
    await migrationState(db, steps);
    throw error;
  });
}

/** Like `migrate`, on its own connections without time limits: an index on a large table may take long. */
export async function migrateAt(address: DatabaseAddress, db: Database): Promise<string[]> {
  const { pending } = await migrationState(db, migrations);
  if (pending.length === 0) return [];
  const patient = await openDatabase(address, { limits: noTimeLimits });
  try {
    return await migrate(patient);
  } finally {
    await patient.destroy();
  }
}

async function createMigrator(db: Database, steps: Steps): Promise<Migrator> {
  const { table: migrationTableName, lockTable: migrationLockTableName } = migrationTables(db);
  const schema = await currentSchema(db);
  return new Migrator({
    // Steps use the database's snake_case names.
    db: db.withoutPlugins().withPlugin(new TablePrefixPlugin(tablePrefixOf(db))),
    provider: { getMigrations: () => Promise.resolve({ ...steps }) },
    migrationTableName,
    migrationLockTableName,
    // Without it, a migration table in another schema would be used instead.
    ...(schema !== null && { migrationTableSchema: schema }),
    // Steps are identified by name, so a clock that was set back between two upgrades does not matter.
    allowUnorderedMigrations: true,
  });
}
