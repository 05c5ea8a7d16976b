/** The tokens of the admin API. */
import type { Kysely } from "kysely";
import { createTable, longText } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "api_tokens")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("hash", "varchar(128)", (column) => column.notNull().unique())
    .addColumn("name", "varchar(255)", (column) => column.notNull())
    .addColumn("scopes", longText(db), (column) => column.notNull())
    .addColumn("created_by", "varchar(255)", (column) => column.notNull())
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("expires_at_ms", "bigint")
    .addColumn("last_used_at_ms", "bigint")
    .addColumn("revoked_at_ms", "bigint")
    .execute();
}
