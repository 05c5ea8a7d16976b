/** Webhooks, the outbox of their deliveries, and departures that may still be cancelled. */
import type { Kysely } from "kysely";
import { addSequence, createTable, insertFirstRow, longText, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createWebhooks(db);
  await createDeliveries(db);
  await createTable(db, "webhook_departures")
    .addColumn("key", "varchar(64)", (column) => column.primaryKey())
    .addColumn("app_id", "varchar(64)", (column) => column.notNull())
    .addColumn("type", "varchar(32)", (column) => column.notNull())
    .addColumn("channel", longText(db), (column) => column.notNull())
    .addColumn("user_id", longText(db))
    .addColumn("event", longText(db), (column) => column.notNull())
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("due_at_ms", "bigint", (column) => column.notNull())
    .execute();
  await createTable(db, "webhook_state")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("version", "bigint", (column) => column.notNull())
    .addColumn("leased_by", "varchar(64)", (column) => column.notNull())
    .addColumn("leased_until_ms", "bigint", (column) => column.notNull())
    .execute();
  await insertFirstRow(db, "webhook_state", { id: 1, version: 0, leased_by: "", leased_until_ms: 0 });
}

async function createWebhooks(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "webhooks")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("app_id", "varchar(64)", (column) => column.notNull())
    .addColumn("url", longText(db), (column) => column.notNull())
    .addColumn("events", longText(db), (column) => column.notNull())
    .addColumn("filters", longText(db), (column) => column.notNull())
    .addColumn("data_key_id", "varchar(64)", (column) => column.notNull())
    .addColumn("sealed_headers", longText(db), (column) => column.notNull())
    .addColumn("is_batching", "smallint", (column) => column.notNull())
    .addColumn("is_enabled", "smallint", (column) => column.notNull())
    .addColumn("disabled_reason", longText(db))
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addForeignKeyConstraint("webhooks_of_app", ["app_id"], "apps", ["id"], (key) => key.onDelete("cascade"))
    .addForeignKeyConstraint("webhooks_sealed_with", ["data_key_id"], "data_keys", ["id"])
    .execute();
}

/** No foreign key to the webhook: a webhook that is deleted meanwhile must not fail the batch with its events. */
async function createDeliveries(db: Kysely<unknown>): Promise<void> {
  await addSequence(db, createTable(db, "webhook_deliveries"))
    .addColumn("id", "varchar(64)", (column) => column.notNull().unique())
    .addColumn("webhook_id", "varchar(64)", (column) => column.notNull())
    .addColumn("message_id", "varchar(64)")
    .addColumn("type", "varchar(32)", (column) => column.notNull())
    .addColumn("channel", longText(db), (column) => column.notNull())
    .addColumn("event", longText(db), (column) => column.notNull())
    .addColumn("state", "varchar(16)", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("queued_at_ms", "bigint", (column) => column.notNull())
    .addColumn("due_at_ms", "bigint", (column) => column.notNull())
    .addColumn("attempted_at_ms", "bigint")
    .addColumn("duration_ms", "bigint")
    .addColumn("status", "integer")
    .addColumn("answer", longText(db))
    .execute();
  await runOnce(
    db.schema
      .createIndex("webhook_deliveries_queue")
      .on("webhook_deliveries")
      .columns(["state", "webhook_id", "sequence", "due_at_ms", "created_at_ms"]),
  );
  await runOnce(
    db.schema
      .createIndex("webhook_deliveries_history")
      .on("webhook_deliveries")
      .columns(["webhook_id", "sequence"]),
  );
  await runOnce(
    db.schema.createIndex("webhook_deliveries_message").on("webhook_deliveries").column("message_id"),
  );
}
