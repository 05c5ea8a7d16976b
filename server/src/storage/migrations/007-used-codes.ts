/** The time step of the last TOTP code that a person used, so that no code is valid twice. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(
    db.schema
      .alterTable("second_factors")
      .addColumn("last_used_step", "integer", (column) => column.notNull().defaultTo(0)),
  );
}
