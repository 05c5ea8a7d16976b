/** Brings the tables to this release's shape. Forward only: an older release refuses a newer database. */
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely";
import { againOnConflict } from "./atomically.ts";
import { up as apps } from "./migrations/001-apps.ts";
import { up as tokens } from "./migrations/002-tokens.ts";
import { up as audit } from "./migrations/003-audit.ts";
import { up as stats } from "./migrations/004-stats.ts";
import { up as webhooks } from "./migrations/005-webhooks.ts";
import { up as people } from "./migrations/006-people.ts";
import { up as usedCodes } from "./migrations/007-used-codes.ts";
import type { Database } from "./schema.ts";

/** In code and in order, since a compiled program has no folder to read them from. */
const migrations: Record<string, Migration> = {
  "001-apps": { up: apps },
  "002-tokens": { up: tokens },
  "003-audit": { up: audit },
  "004-stats": { up: stats },
  "005-webhooks": { up: webhooks },
  "006-people": { up: people },
  "007-used-codes": { up: usedCodes },
};

/**
 * Runs what is missing, in one transaction where the database allows it and always under a lock, so several
 * processes may call it at once. Answers the names of the steps that it ran.
 * @throws DatabaseTooNew where a newer release has changed the tables
 */
export async function migrate(db: Database): Promise<string[]> {
  const migrator = createMigrator(db);
  return againOnConflict(async () => {
    const { error, results } = await migrator.migrateToLatest();
    if (error === undefined) return (results ?? []).map(({ migrationName }) => migrationName);
    await refuseNewer(db);
    throw error;
  });
}

class DatabaseTooNew extends Error {}

function createMigrator(db: Database): Migrator {
  // Steps speak the database's own snake_case names.
  return new Migrator({
    db: db.withoutPlugins(),
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
}

async function refuseNewer(db: Database): Promise<void> {
  const plain = db.withoutPlugins() as unknown as Kysely<{ kysely_migration: { name: string } }>;
  const ran = await plain.selectFrom("kysely_migration").select("name").execute();
  const unknown = ran.map(({ name }) => name).filter((name) => !(name in migrations));
  if (unknown.length > 0)
    throw new DatabaseTooNew(
      `The database was changed by a newer Soketify (steps ${unknown.join(", ")}): run that release or a newer one`,
    );
}
