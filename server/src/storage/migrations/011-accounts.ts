/**
 * Accounts, login sessions and second factors in tables of our own. Rows of steps 006 and 007 are copied, so that passwords,
 * authenticators and sessions stay valid. From now on a session is stored under the hash of its token.
 */
import { createHash } from "node:crypto";
import { type Kysely, sql } from "kysely";
import { errorCode } from "../../core/error-code.ts";
import { createTable, insertFirstRow, longText, runOnce } from "./create-table.ts";

type Row = Readonly<Record<string, unknown>>;
type AnyTables = Kysely<Record<string, Record<string, unknown>>>;

export async function up(db: Kysely<unknown>): Promise<void> {
  await createAccounts(db);
  await createLogins(db);
  const tables = db as AnyTables;
  await copyAccounts(tables);
  await copySecondFactors(tables);
  await copySessions(tables);
  await copyInvitations(tables);
  // Tables that refer to people are dropped first.
  for (const table of [
    "verifications",
    "invitations",
    "person_accounts",
    "sessions",
    "second_factors",
    "people",
  ])
    await db.schema.dropTable(table).ifExists().execute();
}

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "accounts")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("email", "varchar(255)", (column) => column.notNull().unique())
    .addColumn("name", "varchar(255)", (column) => column.notNull())
    .addColumn("role", "varchar(16)", (column) => column.notNull())
    .addColumn("app_ids", longText(db))
    .addColumn("password_hash", "varchar(255)")
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .execute();
  await createTable(db, "account_lock")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("turn", "bigint", (column) => column.notNull())
    .execute();
  await insertFirstRow(db, "account_lock", { id: 1, turn: 0 });
  await createTable(db, "account_identities")
    .addColumn("issuer", "varchar(255)", (column) => column.notNull())
    .addColumn("subject", "varchar(255)", (column) => column.notNull())
    .addColumn("account_id", "varchar(64)", (column) => column.notNull())
    .addPrimaryKeyConstraint("account_identities_key", ["issuer", "subject"])
    .addForeignKeyConstraint("identities_of_account", ["account_id"], "accounts", ["id"], cascade)
    .execute();
  await createTable(db, "account_second_factors")
    .addColumn("account_id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("sealed_secret", longText(db), (column) => column.notNull())
    .addColumn("sealed_backup_codes", longText(db), (column) => column.notNull())
    .addColumn("is_confirmed", "integer", (column) => column.notNull())
    .addColumn("last_used_step", "bigint", (column) => column.notNull())
    .addColumn("tries", "integer", (column) => column.notNull())
    .addColumn("locked_until_ms", "bigint", (column) => column.notNull())
    .addForeignKeyConstraint("second_factor_of_account", ["account_id"], "accounts", ["id"], cascade)
    .execute();
  await createTable(db, "account_invitations")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("token_hash", "varchar(64)", (column) => column.notNull().unique())
    .addColumn("email", "varchar(255)")
    .addColumn("role", "varchar(16)", (column) => column.notNull())
    .addColumn("app_ids", longText(db))
    .addColumn("invited_by", "varchar(255)", (column) => column.notNull())
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
    .execute();
}

async function createLogins(db: Kysely<unknown>): Promise<void> {
  await createTable(db, "login_sessions")
    .addColumn("id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("account_id", "varchar(64)", (column) => column.notNull())
    .addColumn("token_hash", "varchar(64)", (column) => column.notNull().unique())
    .addColumn("address", "varchar(64)")
    .addColumn("user_agent", longText(db))
    .addColumn("created_at_ms", "bigint", (column) => column.notNull())
    .addColumn("seen_at_ms", "bigint", (column) => column.notNull())
    .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
    .addForeignKeyConstraint("sessions_of_account", ["account_id"], "accounts", ["id"], cascade)
    .execute();
  await runOnce(db.schema.createIndex("sessions_by_account").on("login_sessions").column("account_id"));
  await createTable(db, "pending_logins")
    .addColumn("token_hash", "varchar(64)", (column) => column.primaryKey())
    .addColumn("account_id", "varchar(64)", (column) => column.notNull())
    .addColumn("method", "varchar(16)", (column) => column.notNull())
    .addColumn("tries", "integer", (column) => column.notNull())
    .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
    .addForeignKeyConstraint("pending_logins_of_account", ["account_id"], "accounts", ["id"], cascade)
    .execute();
}

async function copyAccounts(db: AnyTables): Promise<void> {
  const credentials = await rowsOf(db, "person_accounts");
  const passwords = new Map(
    credentials.filter((row) => row.provider_id === "credential").map((row) => [row.user_id, row.password]),
  );
  await copy(db, "people", "accounts", ["id"], (row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    app_ids: row.app_ids,
    password_hash: passwords.get(row.id) ?? null,
    created_at_ms: msOf(row.created_at),
  }));
  await copy(db, "person_accounts", "account_identities", ["issuer", "subject"], (row) =>
    row.provider_id === "credential"
      ? null
      : // The issuer was not stored: see KyselyAccountStore.
        { issuer: "", subject: row.account_id, account_id: row.user_id },
  );
}

async function copySecondFactors(db: AnyTables): Promise<void> {
  const people = await rowsOf(db, "people");
  const inForce = new Set(people.filter((row) => Boolean(row.two_factor_enabled)).map(({ id }) => id));
  await copy(db, "second_factors", "account_second_factors", ["account_id"], (row) => ({
    account_id: row.user_id,
    sealed_secret: row.secret,
    sealed_backup_codes: row.backup_codes,
    is_confirmed: inForce.has(row.user_id) ? 1 : 0,
    last_used_step: row.last_used_step,
    tries: 0,
    locked_until_ms: 0,
  }));
}

function copySessions(db: AnyTables): Promise<void> {
  return copy(db, "sessions", "login_sessions", ["id"], (row) => ({
    id: row.id,
    account_id: row.user_id,
    token_hash: createHash("sha256").update(String(row.token)).digest("hex"),
    address: row.ip_address,
    user_agent: row.user_agent,
    created_at_ms: msOf(row.created_at),
    seen_at_ms: msOf(row.updated_at),
    expires_at_ms: msOf(row.expires_at),
  }));
}

function copyInvitations(db: AnyTables): Promise<void> {
  return copy(db, "invitations", "account_invitations", ["id"], (row) => ({
    id: row.id,
    token_hash: row.token_hash,
    email: row.email,
    role: row.role,
    app_ids: row.app_ids,
    invited_by: row.invited_by,
    created_at_ms: msOf(row.created_at),
    expires_at_ms: msOf(row.expires_at),
  }));
}

/** @param convert null: the row is not copied */
async function copy(
  db: AnyTables,
  from: string,
  to: string,
  key: readonly string[],
  convert: (row: Row) => Row | null,
): Promise<void> {
  for (const row of await rowsOf(db, from)) {
    const copied = convert(row);
    if (copied === null) continue;
    let there = db.selectFrom(to).select(sql.lit(1).as("one"));
    for (const column of key) there = there.where(column, "=", copied[column]);
    if ((await there.executeTakeFirst()) === undefined) await db.insertInto(to).values(copied).execute();
  }
}

/** Empty if an earlier run has copied and dropped the table. MySQL keeps parts of an interrupted run. */
async function rowsOf(db: AnyTables, table: string): Promise<Row[]> {
  try {
    return await db.selectFrom(table).selectAll().execute();
  } catch (error) {
    if (errorCode(error) === "ER_NO_SUCH_TABLE") return [];
    throw error;
  }
}

/** SQLite stored dates as text. */
function msOf(date: unknown): number {
  return date instanceof Date ? date.getTime() : Date.parse(String(date));
}

function cascade<Key extends { onDelete(action: "cascade"): Key }>(key: Key): Key {
  return key.onDelete("cascade");
}
