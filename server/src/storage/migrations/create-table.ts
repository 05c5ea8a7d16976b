/** The few things that the three databases spell differently. */
import { type Kysely, MysqlAdapter, sql } from "kysely";

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

export function isMysql(db: Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof MysqlAdapter;
}
