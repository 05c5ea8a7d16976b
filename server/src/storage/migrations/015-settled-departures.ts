/** Settled departures are kept for a minute, so that a late write is recognized as older. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(
    db.schema
      .alterTable("webhook_departures")
      .addColumn("is_settled", "integer", (column) => column.notNull().defaultTo(0)),
  );
  await runOnce(
    db.schema
      .createIndex("webhook_departures_due")
      .on("webhook_departures")
      .columns(["is_settled", "due_at_ms"]),
  );
}
