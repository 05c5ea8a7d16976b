/** Departures get the revision of their change in their channel or user, because nodes may write them out of order. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(
    db.schema
      .alterTable("webhook_departures")
      .addColumn("revision", "bigint", (column) => column.notNull().defaultTo(0)),
  );
}
