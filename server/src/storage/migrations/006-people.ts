/** People, their sessions and invitations, and the server's own secrets. Step 011 replaces all of these except the secrets. */
import { type Kysely, MysqlAdapter, PostgresAdapter, sql } from "kysely";
import { createTable, longText, runOnce } from "./create-table.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await createPeople(db);
  await createSessions(db);
  await createAccounts(db);
  await createInvitations(db);
  await createTable(db, "server_secrets")
    .addColumn("name", "varchar(64)", (column) => column.primaryKey())
    .addColumn("data_key_id", "varchar(64)", (column) => column.notNull())
    .addColumn("sealed", longText(db), (column) => column.notNull())
    .addForeignKeyConstraint("server_secrets_sealed_with", ["data_key_id"], "data_keys", ["id"])
    .execute();
}

async function createPeople(db: Kysely<unknown>): Promise<void> {
  const { dateType, booleanType } = typesOf(db);
  await createTable(db, "people")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("name", "varchar(255)", (column) => column.notNull())
    .addColumn("email", "varchar(255)", (column) => column.notNull().unique())
    .addColumn("email_verified", booleanType, (column) => column.notNull())
    .addColumn("image", longText(db))
    .addColumn("role", "varchar(16)", (column) => column.notNull())
    .addColumn("app_ids", longText(db))
    .addColumn("two_factor_enabled", booleanType)
    .addColumn("created_at", dateType, (column) => column.notNull())
    .addColumn("updated_at", dateType, (column) => column.notNull())
    .execute();
  await createTable(db, "second_factors")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("user_id", "varchar(64)", (column) => column.notNull().unique())
    .addColumn("secret", longText(db), (column) => column.notNull())
    .addColumn("backup_codes", longText(db), (column) => column.notNull())
    .addColumn("verified", booleanType)
    .addColumn("failed_verification_count", "integer")
    .addColumn("locked_until", dateType)
    .addForeignKeyConstraint("second_factors_of_person", ["user_id"], "people", ["id"], cascade)
    .execute();
}

async function createSessions(db: Kysely<unknown>): Promise<void> {
  const { dateType } = typesOf(db);
  await createTable(db, "sessions")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("user_id", "varchar(64)", (column) => column.notNull())
    .addColumn("token", "varchar(255)", (column) => column.notNull().unique())
    .addColumn("ip_address", "varchar(64)")
    .addColumn("user_agent", longText(db))
    .addColumn("expires_at", dateType, (column) => column.notNull())
    .addColumn("created_at", dateType, (column) => column.notNull())
    .addColumn("updated_at", dateType, (column) => column.notNull())
    .addForeignKeyConstraint("sessions_of_person", ["user_id"], "people", ["id"], cascade)
    .execute();
  await runOnce(db.schema.createIndex("sessions_by_person").on("sessions").column("user_id"));
  await createTable(db, "verifications")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("identifier", "varchar(255)", (column) => column.notNull())
    .addColumn("value", longText(db), (column) => column.notNull())
    .addColumn("expires_at", dateType, (column) => column.notNull())
    .addColumn("created_at", dateType, (column) => column.notNull())
    .addColumn("updated_at", dateType, (column) => column.notNull())
    .execute();
  await runOnce(
    db.schema.createIndex("verifications_by_identifier").on("verifications").column("identifier"),
  );
}

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  const { dateType } = typesOf(db);
  await createTable(db, "person_accounts")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("user_id", "varchar(64)", (column) => column.notNull())
    .addColumn("provider_id", "varchar(64)", (column) => column.notNull())
    .addColumn("account_id", "varchar(255)", (column) => column.notNull())
    .addColumn("password", "varchar(255)")
    .addColumn("access_token", longText(db))
    .addColumn("refresh_token", longText(db))
    .addColumn("id_token", longText(db))
    .addColumn("access_token_expires_at", dateType)
    .addColumn("refresh_token_expires_at", dateType)
    .addColumn("scope", longText(db))
    .addColumn("created_at", dateType, (column) => column.notNull())
    .addColumn("updated_at", dateType, (column) => column.notNull())
    .addUniqueConstraint("person_accounts_once", ["provider_id", "account_id"])
    .addForeignKeyConstraint("accounts_of_person", ["user_id"], "people", ["id"], cascade)
    .execute();
  await runOnce(db.schema.createIndex("accounts_by_person").on("person_accounts").column("user_id"));
}

async function createInvitations(db: Kysely<unknown>): Promise<void> {
  const { dateType } = typesOf(db);
  await createTable(db, "invitations")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("token_hash", "varchar(64)", (column) => column.notNull().unique())
    .addColumn("email", "varchar(255)")
    .addColumn("role", "varchar(16)", (column) => column.notNull())
    .addColumn("app_ids", longText(db))
    .addColumn("invited_by", "varchar(255)", (column) => column.notNull())
    .addColumn("created_at", dateType, (column) => column.notNull())
    .addColumn("expires_at", dateType, (column) => column.notNull())
    .execute();
}

/** The types for dates and booleans in each database. */
function typesOf(db: Kysely<unknown>) {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter)
    return { dateType: sql`timestamp(3) with time zone`, booleanType: sql`boolean` };
  if (adapter instanceof MysqlAdapter) return { dateType: sql`datetime(3)`, booleanType: sql`boolean` };
  return { dateType: sql`text`, booleanType: sql`integer` };
}

function cascade<Key extends { onDelete(action: "cascade"): Key }>(key: Key): Key {
  return key.onDelete("cascade");
}
