/** Departures know their place among the changes of their channel or user: nodes may write them out of order. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(
    db.schema
      .alterTable("webhook_departures")
      .addColumn("revision", "bigint", (column) => column.notNull().defaultTo(0)),
  );
}
