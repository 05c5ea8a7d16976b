/** Columns and indexes that keep the lanes in order: the lease's token, the order of departures, and the channel. */
import { type Kysely, sql } from "kysely";
import { databaseType } from "../database/open-database.ts";
import { createTable, insertFirstRow, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(
    db.schema
      .alterTable("webhook_state")
      .addColumn("lease_token", "bigint", (column) => column.notNull().defaultTo(0)),
  );
  await runOnce(
    db.schema
      .alterTable("webhook_departures")
      .addColumn("position", "bigint", (column) => column.notNull().defaultTo(0)),
  );
  await createTable(db, "webhook_order")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("departures", "bigint", (column) => column.notNull())
    .execute();
  await insertFirstRow(db, "webhook_order", { id: 1, departures: 0 });
  await indexLanes(db);
  // Older releases stored the network error, which may contain internal addresses.
  await sql`update ${sql.table("webhook_deliveries")} set answer = 'The request failed'
    where status is null and attempts > 0`.execute(db);
}

async function indexLanes(db: Kysely<unknown>): Promise<void> {
  // MySQL can index only the start of a long text.
  const channel = databaseType(db) === "mysql" ? sql`channel(180)` : sql`channel`;
  await runOnce(
    db.schema
      .createIndex("webhook_deliveries_order")
      .on("webhook_deliveries")
      .columns(["state", "webhook_id", "sequence", "due_at_ms", "queued_at_ms"])
      .expression(channel),
  );
  await runOnce(
    db.schema
      .createIndex("webhook_deliveries_due")
      .on("webhook_deliveries")
      .columns(["state", "webhook_id", "due_at_ms"])
      .expression(channel),
  );
  const drop = db.schema.dropIndex("webhook_deliveries_queue");
  await runOnce(databaseType(db) === "mysql" ? drop.on("webhook_deliveries") : drop);
}
