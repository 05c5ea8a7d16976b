/**
 * Helpers for migration steps: the syntax that differs between the three databases, and statements that are safe to run
 * again.
 *
 * PostgreSQL and SQLite roll back an interrupted step. MySQL and MariaDB commit each statement, so after a crash a step runs
 * again from its start: each of its statements must succeed if its work is already done. `createTable`, `runOnce` and
 * `insertFirstRow` ensure this. A step that changes rows must detect the rows that it has already changed.
 *
 * Each step also runs without a database, where every query returns no rows, to find out which tables it creates: see
 * planned-tables.ts.
 */
import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import { isAlreadyDone } from "../database/database-error.ts";
import { databaseType } from "../database/open-database.ts";

/** On MySQL names and keys must be compared by bytes, as in the other databases. */
export function createTable(db: Kysely<unknown>, name: string) {
  const table = db.schema.createTable(name);
  return databaseType(db) === "mysql"
    ? table.ifNotExists().modifyEnd(sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`)
    : table;
}

/** Runs a schema change, such as a new index or column. On MySQL an earlier run may have made it already. */
export async function runOnce(statement: { execute(): Promise<unknown> }): Promise<void> {
  try {
    await statement.execute();
  } catch (error) {
    if (!isAlreadyDone(error)) throw error;
  }
}

/** Inserts the only row of a single-row table. */
export async function insertFirstRow(
  db: Kysely<unknown>,
  table: string,
  row: Readonly<Record<string, number | string>>,
): Promise<void> {
  const any = db as Kysely<Record<string, Record<string, number | string>>>;
  const present = await any.selectFrom(table).select(sql.lit(1).as("one")).executeTakeFirst();
  if (present === undefined) await any.insertInto(table).values(row).execute();
}

/** Text of practically unlimited length; MySQL's `text` ends at 64 KiB. */
export function longText(db: Kysely<unknown>) {
  return databaseType(db) === "mysql" ? sql`longtext` : ("text" as const);
}

/** Adds a primary key `sequence` that the database increments. */
export function addSequence(db: Kysely<unknown>, table: CreateTableBuilder<string>) {
  const type = databaseType(db);
  if (type === "postgres") return table.addColumn("sequence", "bigserial", (column) => column.primaryKey());
  // SQLite increments only if the type is exactly this word.
  return table.addColumn("sequence", type === "mysql" ? "bigint" : "integer", (column) =>
    column.primaryKey().autoIncrement(),
  );
}
