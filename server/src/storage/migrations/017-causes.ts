/** Events of webhooks store the trace of the request that caused them, so that the trace continues in the receiver. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ["webhook_deliveries", "webhook_departures"])
    await runOnce(db.schema.alterTable(table).addColumn("cause", "varchar(64)"));
}
