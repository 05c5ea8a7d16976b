/** Tokens and invitations get an owner: they become invalid when the owner loses the right to create them. */
import type { Kysely } from "kysely";
import { runOnce } from "./create-table.ts";

type AnyTables = Kysely<Record<string, Record<string, unknown>>>;

export async function up(db: Kysely<unknown>): Promise<void> {
  await runOnce(db.schema.alterTable("api_tokens").addColumn("owner_id", "varchar(64)"));
  await runOnce(db.schema.alterTable("account_invitations").addColumn("owner_id", "varchar(64)"));
  // Until now they had only the e-mail address of the owner.
  const tables = db as AnyTables;
  const people = await tables.selectFrom("accounts").select(["id", "email"]).execute();
  for (const { id, email } of people) {
    const owned = { owner_id: id };
    await tables.updateTable("api_tokens").set(owned).where("created_by", "=", email).execute();
    await tables.updateTable("account_invitations").set(owned).where("invited_by", "=", email).execute();
  }
}
