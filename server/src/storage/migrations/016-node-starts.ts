/** The latest starts of all nodes, for the marks in the charts. */
import type { Kysely } from "kysely";
import { createTable, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "node_starts")
    .addColumn("node_id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("name", "varchar(255)", (column) => column.notNull())
    .addColumn("version", "varchar(64)", (column) => column.notNull())
    .addColumn("commit_hash", "varchar(64)")
    .addColumn("at_ms", "bigint", (column) => column.notNull())
    .execute();
  await runOnce(db.schema.createIndex("node_starts_by_time").on("node_starts").columns(["at_ms"]));
}
