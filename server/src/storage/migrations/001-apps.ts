/** Apps, their secrets, the data key that seals the secrets, and the version that rises with each change. */
import type { Kysely } from "kysely";
import { createTable, insertFirstRow, longText, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "apps")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("key", "varchar(128)", (column) => column.notNull().unique())
    .addColumn("name", "varchar(255)", (column) => column.notNull())
    .addColumn("is_enabled", "smallint", (column) => column.notNull())
    .addColumn("settings", longText(db), (column) => column.notNull())
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("revision", "bigint", (column) => column.notNull())
    .addColumn("changed_in", "bigint", (column) => column.notNull())
    .execute();
  await createTable(db, "data_keys")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("master_key_id", "varchar(64)", (column) => column.notNull())
    .addColumn("wrapped", "varchar(255)", (column) => column.notNull())
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .execute();
  await createTable(db, "secrets")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("app_id", "varchar(64)", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("state", "varchar(16)", (column) => column.notNull())
    .addColumn("data_key_id", "varchar(64)", (column) => column.notNull())
    .addColumn("sealed", longText(db), (column) => column.notNull())
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("created_by", "varchar(255)", (column) => column.notNull())
    .addColumn("activated_at_ms", "bigint")
    .addColumn("revoked_at_ms", "bigint")
    .addColumn("http_api_at_ms", "bigint")
    .addColumn("channel_authorization_at_ms", "bigint")
    .addColumn("sign_in_at_ms", "bigint")
    .addForeignKeyConstraint("secrets_of_app", ["app_id"], "apps", ["id"], (key) => key.onDelete("cascade"))
    .addForeignKeyConstraint("secrets_sealed_with", ["data_key_id"], "data_keys", ["id"])
    .execute();
  await runOnce(db.schema.createIndex("secrets_by_app").on("secrets").column("app_id"));
  await createTable(db, "app_version")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("version", "bigint", (column) => column.notNull())
    .execute();
  await insertFirstRow(db, "app_version", { id: 1, version: 0 });
}
