/**
 * What the steps of a migration are written with: the few things that the three databases spell differently, and what
 * makes a step safe to run again.
 *
 * PostgreSQL and SQLite undo a step that is cut short. MySQL and MariaDB keep each statement at once, so there a step
 * runs again from its beginning after a crash: each of its statements must be one that may find its work done.
 * `createTable`, `runOnce` and `insertFirstRow` are. A step that changes rows must know those that it has changed.
 *
 * Each step is also run against no database, where every query answers no rows, to learn which tables it makes: see
 * planned-tables.ts.
 */
import { type CreateTableBuilder, type Kysely, MysqlAdapter, PostgresAdapter, sql } from "kysely";
import { isAlreadyDone } from "../database-error.ts";

/** On MySQL names and keys must compare by their bytes, as they do elsewhere. */
export function createTable(db: Kysely<unknown>, name: string) {
  const table = db.schema.createTable(name);
  return isMysql(db)
    ? table.ifNotExists().modifyEnd(sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`)
    : table;
}

/** Runs a change of the schema, such as a new index or column; on MySQL it may have been made already. */
export async function runOnce(statement: { execute(): Promise<unknown> }): Promise<void> {
  try {
    await statement.execute();
  } catch (error) {
    if (!isAlreadyDone(error)) throw error;
  }
}

/** Inserts the only row of a table that has one. */
export async function insertFirstRow(
  db: Kysely<unknown>,
  table: string,
  row: Readonly<Record<string, number | string>>,
): Promise<void> {
  const any = db as Kysely<Record<string, Record<string, number | string>>>;
  const present = await any.selectFrom(table).select(sql.lit(1).as("one")).executeTakeFirst();
  if (present === undefined) await any.insertInto(table).values(row).execute();
}

/** Text without a length that matters; MySQL's `text` ends at 64 KiB. */
export function longText(db: Kysely<unknown>) {
  return isMysql(db) ? sql`longtext` : ("text" as const);
}

/** A primary key `sequence` that the database counts up. */
export function addSequence(db: Kysely<unknown>, table: CreateTableBuilder<string>) {
  if (db.getExecutor().adapter instanceof PostgresAdapter)
    return table.addColumn("sequence", "bigserial", (column) => column.primaryKey());
  // SQLite counts only where the type is this very word.
  return table.addColumn("sequence", isMysql(db) ? "bigint" : "integer", (column) =>
    column.primaryKey().autoIncrement(),
  );
}

export function isMysql(db: Pick<Kysely<unknown>, "getExecutor">): boolean {
  return db.getExecutor().adapter instanceof MysqlAdapter;
}
