/** The few things that the three databases spell differently. */
import { type CreateTableBuilder, type Kysely, MysqlAdapter, PostgresAdapter, sql } from "kysely";

/** On MySQL names and keys must compare by their bytes, as they do elsewhere. */
export function createTable(db: Kysely<unknown>, name: string) {
  const table = db.schema.createTable(name);
  return isMysql(db)
    ? table.modifyEnd(sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`)
    : table;
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
