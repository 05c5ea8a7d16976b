/** Which steps are pending, and whether the database may be migrated. Only reads the database. */
import { type Kysely, type Migration, sql } from "kysely";
import { databaseType } from "../database/open-database.ts";
import type { Database } from "../database/schema.ts";
import { tablePrefixOf } from "../database/table-prefix.ts";
import { plannedTables } from "./planned-tables.ts";

export interface MigrationState {
  /** The names of the pending steps, in order. */
  readonly pending: readonly string[];
  /** A pending step was interrupted: some of its tables exist. The next run finishes it. */
  readonly isHalfDone: boolean;
}

/** A newer release has changed the tables. */
class DatabaseTooNew extends Error {}

/** Another program's tables have our names. */
class DatabaseShared extends Error {}

type Tables = ReadonlyMap<string, ReadonlySet<string>>;

/** All steps by name; each name begins with a number of three digits. */
export type Steps = Readonly<Record<string, Migration>>;

const stepName = /^\d{3}-/;

/** @throws DatabaseTooNew, DatabaseShared */
export async function migrationState(db: Database, steps: Steps): Promise<MigrationState> {
  try {
    return await readState(db, steps);
  } catch (error) {
    if (!(error instanceof DatabaseShared)) throw error;
    // Another process may have created tables between two of the queries; the second read is then consistent.
    return readState(db, steps);
  }
}

async function readState(db: Database, steps: Steps): Promise<MigrationState> {
  const tables = await tablesOf(db);
  const { table } = migrationTables(db);
  const done = tables.has(table) ? await namesIn(db, table) : null;
  refuseForeignSteps(table, done ?? [], steps);
  const names = Object.keys(steps).sort();
  const pending = names.filter((name) => done?.includes(name) !== true);
  // No step can meet a table. To plan all of them takes a noticeable part of a first start.
  if (tables.size === 0) return { pending, isHalfDone: false };
  let isHalfDone = false;
  for (const name of pending) {
    const step = steps[name];
    if (step === undefined) continue;
    for (const { name, columns } of await plannedTables(db, step)) {
      const present = tables.get(tablePrefixOf(db) + name);
      if (present === undefined) continue;
      const isOurs = canBeHalfDone(db) && done !== null && columns.every((column) => present.has(column));
      if (!isOurs) throw new DatabaseShared(sharedBecause(tablePrefixOf(db) + name));
      isHalfDone = true;
    }
  }
  return { pending, isHalfDone };
}

/** The tables in which Kysely records the finished steps. */
export function migrationTables(db: Database): { table: string; lockTable: string } {
  const prefix = tablePrefixOf(db);
  return { table: `${prefix}kysely_migration`, lockTable: `${prefix}kysely_migration_lock` };
}

/** The schema in use. PostgreSQL has many schemas in a database; null for other databases. */
export async function currentSchema(db: Database): Promise<string | null> {
  if (databaseType(db) !== "postgres") return null;
  const { rows } = await sql<{ name: string | null }>`select current_schema() as name`.execute(db);
  const name = rows[0]?.name ?? null;
  if (name === null)
    throw new Error(
      "The search_path of the database's user names no schema that exists: set it, or create the schema",
    );
  return name;
}

/** All tables by name, with their columns. */
async function tablesOf(db: Database): Promise<Tables> {
  if (databaseType(db) === "mysql") return mysqlTables(db);
  const schema = await currentSchema(db);
  const all = await db.withoutPlugins().introspection.getTables({ withInternalKyselyTables: true });
  const here = all.filter((one) => schema === null || one.schema === schema);
  return new Map(here.map(({ name, columns }) => [name, new Set(columns.map((column) => column.name))]));
}

/** Kysely's own query joins two views. With hundreds of tables of other programs this takes MariaDB seconds. */
async function mysqlTables(db: Database): Promise<Tables> {
  const { rows } = await sql<{ tableName: string; columnName: string }>`
    select table_name as tableName, column_name as columnName from information_schema.columns
    where table_schema = database()`.execute(db.withoutPlugins());
  const tables = new Map<string, Set<string>>();
  for (const { tableName, columnName } of rows)
    tables.set(tableName, (tables.get(tableName) ?? new Set()).add(columnName));
  return tables;
}

async function namesIn(db: Database, table: string): Promise<string[]> {
  const plain = db.withoutPlugins() as unknown as Kysely<Record<string, { name: string }>>;
  const rows = await plain.selectFrom(table).select("name").execute();
  return rows.map(({ name }) => name);
}

function refuseForeignSteps(table: string, done: readonly string[], steps: Steps): void {
  const unknown = done.filter((name) => !(name in steps));
  if (unknown.length === 0) return;
  const isOurs = unknown.length < done.length || unknown.every((name) => stepName.test(name));
  if (!isOurs) throw new DatabaseShared(sharedBecause(table));
  throw new DatabaseTooNew(
    `The database was changed by a newer Soketify (steps ${unknown.sort().join(", ")}): run that release or a newer one, or restore a backup from before the upgrade`,
  );
}

/** True for MySQL; other databases roll a step back as a whole. */
function canBeHalfDone(db: Database): boolean {
  return databaseType(db) === "mysql";
}

function sharedBecause(table: string): string {
  return `The database already has a table ${table} that is not Soketify's. Give Soketify its own database, or set SOKETIFY_TABLE_PREFIX, for instance to soketify_, so that its tables have other names. Nothing was changed`;
}
