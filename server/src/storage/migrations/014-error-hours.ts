/** The errors of each app, by cause, node and hour. */
import type { Kysely } from "kysely";
import { createTable, longText, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "error_hours")
    .addColumn("app_id", "varchar(64)", (column) => column.notNull())
    .addColumn("hour_ms", "bigint", (column) => column.notNull())
    .addColumn("group_id", "varchar(32)", (column) => column.notNull())
    .addColumn("node_id", "varchar(64)", (column) => column.notNull())
    .addColumn("errors", "bigint", (column) => column.notNull())
    .addColumn("first_ms", "bigint", (column) => column.notNull())
    .addColumn("last_ms", "bigint", (column) => column.notNull())
    .addColumn("details", longText(db), (column) => column.notNull())
    .addPrimaryKeyConstraint("error_hours_key", ["app_id", "hour_ms", "group_id", "node_id"])
    .execute();
  // Deleting selects by time, over all apps.
  await runOnce(db.schema.createIndex("error_hours_by_time").on("error_hours").columns(["hour_ms"]));
}
