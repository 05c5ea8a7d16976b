/** Whether the operator allowed webhooks to services of the same computer. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(
    db.schema
      .alterTable("webhook_state")
      .addColumn("is_localhost_allowed", "integer", (column) => column.notNull().defaultTo(0)),
  );
}
