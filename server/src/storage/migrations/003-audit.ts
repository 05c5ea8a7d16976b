/** The audit log, and the number and hash of its newest row: writers lock that row, and it shows if the end is missing. */
import type { Kysely } from "kysely";
import { createTable, insertFirstRow, longText, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "audit_rows")
    .addColumn("sequence", "bigint", (column) => column.primaryKey())
    .addColumn("at_ms", "bigint", (column) => column.notNull())
    .addColumn("actor", "varchar(255)", (column) => column.notNull())
    .addColumn("action", "varchar(64)", (column) => column.notNull())
    .addColumn("target", "varchar(255)", (column) => column.notNull())
    .addColumn("app_id", "varchar(64)")
    .addColumn("address", "varchar(64)")
    .addColumn("before", longText(db))
    .addColumn("after", longText(db))
    .addColumn("hash", "varchar(64)", (column) => column.notNull())
    .execute();
  await runOnce(db.schema.createIndex("audit_rows_by_app").on("audit_rows").columns(["app_id", "sequence"]));
  await createTable(db, "audit_head")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("sequence", "bigint", (column) => column.notNull())
    .addColumn("hash", "varchar(64)", (column) => column.notNull())
    .execute();
  await insertFirstRow(db, "audit_head", { id: 1, sequence: 0, hash: "" });
}
