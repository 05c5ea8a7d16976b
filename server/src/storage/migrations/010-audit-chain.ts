/** The kind of each actor, and a head of the audit log that cannot be written without the key. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  const rows = () => db.schema.alterTable("audit_rows");
  await runOnce(rows().addColumn("actor_kind", "varchar(16)"));
  await runOnce(rows().addColumn("actor_id", "varchar(64)"));
  const head = () => db.schema.alterTable("audit_head");
  await runOnce(head().addColumn("turn", "bigint", (column) => column.notNull().defaultTo(0)));
  await runOnce(head().addColumn("keyed_from", "bigint"));
  await runOnce(head().addColumn("removed_up_to", "bigint", (column) => column.notNull().defaultTo(0)));
  await runOnce(head().addColumn("removed_hash", "varchar(64)", (column) => column.notNull().defaultTo("")));
  await runOnce(head().addColumn("mac", "varchar(64)", (column) => column.notNull().defaultTo("")));
}
