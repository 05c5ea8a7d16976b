/** The figures of each app by minute, hour and day. */
import type { Kysely } from "kysely";
import { createTable, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "app_stats")
    .addColumn("resolution", "varchar(8)", (column) => column.notNull())
    .addColumn("app_id", "varchar(64)", (column) => column.notNull())
    .addColumn("start_ms", "bigint", (column) => column.notNull())
    .addColumn("connections", "bigint", (column) => column.notNull())
    .addColumn("connections_peak", "bigint", (column) => column.notNull())
    .addColumn("messages_in", "bigint", (column) => column.notNull())
    .addColumn("messages_out", "bigint", (column) => column.notNull())
    .addColumn("api_requests", "bigint", (column) => column.notNull())
    .addColumn("errors", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("app_stats_key", ["resolution", "app_id", "start_ms"])
    .execute();
  // Rolling up and deleting select by time, over all apps.
  await runOnce(
    db.schema.createIndex("app_stats_by_time").on("app_stats").columns(["resolution", "start_ms"]),
  );
}
