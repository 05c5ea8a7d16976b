/** The time step of the last TOTP code that somebody used, so that none is good twice. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(
    db.schema
      .alterTable("second_factors")
      .addColumn("last_used_step", "integer", (column) => column.notNull().defaultTo(0)),
  );
}
