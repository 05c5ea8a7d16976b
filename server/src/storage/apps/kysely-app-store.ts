/** The apps in a database. */
import { sql } from "kysely";
import type { AppRecord, SecretLastUsed, SecretPurpose } from "../../core/apps/app.ts";
import { AppChanged, AppConflict, type AppStore } from "../../core/ports/app-store.ts";
import { atomically } from "../database/atomically.ts";
import { isUniqueViolation } from "../database/database-error.ts";
import { databaseType } from "../database/open-database.ts";
import type { Database, DatabaseTransaction } from "../database/schema.ts";
import { slices } from "../database/slices.ts";
import { type DataKeys, lockAppChanges } from "../keys/data-keys.ts";
import { type AppWithSecret, toAppRecords, toAppRow, toSecretRow } from "./app-rows.ts";

const useColumns = {
  httpApi: "httpApiAtMs",
  channelAuthorization: "channelAuthorizationAtMs",
  signIn: "signInAtMs",
} as const satisfies Record<SecretPurpose, string>;

export class KyselyAppStore implements AppStore {
  readonly #db: Database;
  readonly #keys: DataKeys;

  constructor(db: Database, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  async list(): Promise<AppRecord[]> {
    return toAppRecords(await this.sealedRows(), this.#keys);
  }

  async find(appId: string): Promise<AppRecord | null> {
    const [app] = toAppRecords(await this.#select().where("apps.id", "=", appId).execute(), this.#keys);
    return app ?? null;
  }

  async version(): Promise<number> {
    const { version } = await this.#db.selectFrom("appVersion").select("version").executeTakeFirstOrThrow();
    return version;
  }

  /** All apps, with their secrets still encrypted. */
  async sealedRows(): Promise<AppWithSecret[]> {
    return this.#select().execute();
  }

  /** The apps that were changed after this version of the store. */
  async changedSince(version: number): Promise<AppRecord[]> {
    return toAppRecords(await this.#select().where("apps.changedIn", ">", version).execute(), this.#keys);
  }

  async ids(): Promise<Set<string>> {
    const rows = await this.#db.selectFrom("apps").select("id").execute();
    return new Set(rows.map(({ id }) => id));
  }

  async create(app: AppRecord): Promise<void> {
    await this.#change(app, (transaction, version) => this.#insert(transaction, app, version));
  }

  async createFirst(app: AppRecord): Promise<void> {
    await this.#change(app, async (transaction, version) => {
      const other = await transaction.selectFrom("apps").select("id").limit(1).executeTakeFirst();
      if (other !== undefined) throw new AppConflict(`An app exists already: ${other.id}`);
      await this.#insert(transaction, app, version);
    });
  }

  async save(app: AppRecord): Promise<void> {
    await this.#change(app, async (transaction, version) => {
      const { id, createdAtMs, ...row } = toAppRow({ ...app, revision: app.revision + 1 }, version);
      const { numUpdatedRows } = await transaction
        .updateTable("apps")
        .set(row)
        .where("id", "=", id)
        .where("revision", "=", app.revision)
        .executeTakeFirst();
      if (numUpdatedRows === 0n)
        throw new AppChanged(
          `App ${id} is no longer at revision ${app.revision}: read it again and repeat the change`,
        );
      await this.#saveSecrets(transaction, app);
    });
  }

  async delete(appId: string): Promise<boolean> {
    return atomically(this.#db, async (transaction) => {
      await lockAppChanges(transaction);
      await transaction.deleteFrom("appStats").where("appId", "=", appId).execute();
      await transaction.deleteFrom("errorHours").where("appId", "=", appId).execute();
      for (const table of ["accounts", "accountInvitations"] as const)
        await removeFromPermissions(transaction, table, appId);
      const { numDeletedRows } = await transaction
        .deleteFrom("apps")
        .where("id", "=", appId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    });
  }

  async recordSecretUses(uses: ReadonlyMap<string, SecretLastUsed>): Promise<void> {
    // Sorted, so that two nodes that update the same rows do not deadlock.
    const sorted = [...uses].sort(([one], [other]) => (one < other ? -1 : 1));
    for (const some of slices(sorted))
      for (const purpose of Object.keys(useColumns) as SecretPurpose[])
        await atomically(this.#db, (transaction) => this.#recordUsesFor(transaction, purpose, some));
  }

  async #recordUsesFor(
    transaction: DatabaseTransaction,
    purpose: SecretPurpose,
    uses: readonly [string, SecretLastUsed][],
  ): Promise<void> {
    const times = uses.flatMap(([secretId, lastUsed]) => {
      const atMs = lastUsed[purpose];
      return atMs === undefined ? [] : [{ secretId, atMs }];
    });
    if (times.length === 0) return;
    const column = useColumns[purpose];
    // Numbers as literals, because PostgreSQL would treat parameters in a case expression as text.
    const cases = times.map(({ secretId, atMs }) => sql`when ${secretId} then ${sql.lit(atMs)}`);
    const given = sql<number>`case id ${sql.join(cases, sql` `)} end`;
    await transaction
      .updateTable("secrets")
      .set({ [column]: given })
      .where(
        "id",
        "in",
        times.map(({ secretId }) => secretId),
      )
      .where(({ fn, lit }) => fn.coalesce(column, lit(0)), "<", given)
      .execute();
  }

  async #change(
    app: AppRecord,
    change: (transaction: DatabaseTransaction, version: number) => Promise<void>,
  ): Promise<void> {
    try {
      await atomically(this.#db, async (transaction) => {
        await change(transaction, await lockAppChanges(transaction));
      });
    } catch (error) {
      if (isUniqueViolation(error))
        throw new AppConflict(`The app id ${app.id} or the app key ${app.key} is in use by another app`);
      throw error;
    }
  }

  async #insert(transaction: DatabaseTransaction, app: AppRecord, version: number): Promise<void> {
    await transaction.insertInto("apps").values(toAppRow(app, version)).execute();
    await this.#insertSecrets(transaction, app, new Set());
  }

  /**
   * A secret's value never changes and its uses are recorded elsewhere, so only the state of a stored secret is
   * updated.
   */
  async #saveSecrets(transaction: DatabaseTransaction, app: AppRecord): Promise<void> {
    const rows = await transaction.selectFrom("secrets").select("id").where("appId", "=", app.id).execute();
    const known = new Set(rows.map(({ id }) => id));
    const kept = new Set(app.secrets.map(({ id }) => id));
    const gone = [...known].filter((id) => !kept.has(id));
    if (gone.length > 0) await transaction.deleteFrom("secrets").where("id", "in", gone).execute();
    for (const [position, { id, state, activatedAtMs, revokedAtMs }] of app.secrets.entries())
      if (known.has(id))
        await transaction
          .updateTable("secrets")
          .set({ position, state, activatedAtMs, revokedAtMs })
          .where("id", "=", id)
          .execute();
    await this.#insertSecrets(transaction, app, known);
  }

  async #insertSecrets(transaction: DatabaseTransaction, app: AppRecord, known: Set<string>): Promise<void> {
    const key = await this.#keys.current(transaction);
    const rows = app.secrets.flatMap((secret, position) =>
      known.has(secret.id) ? [] : [toSecretRow(app.id, position, secret, key)],
    );
    if (rows.length > 0) await transaction.insertInto("secrets").values(rows).execute();
  }

  /** One statement, so that an app, its secrets and their key are read at the same moment in every database. */
  #select() {
    return this.#db
      .selectFrom("apps")
      .innerJoin("secrets", "secrets.appId", "apps.id")
      .innerJoin("dataKeys", "dataKeys.id", "secrets.dataKeyId")
      .select([
        "apps.id as appId",
        "apps.key",
        "apps.name",
        "apps.isEnabled",
        "apps.settings",
        "apps.revision",
      ])
      .select(["apps.createdAtMs as appCreatedAtMs", "dataKeys.masterKeyId", "dataKeys.wrapped"])
      .select(["secrets.id", "secrets.state", "secrets.dataKeyId", "secrets.sealed", "secrets.createdAtMs"])
      .select(["secrets.createdBy", "secrets.activatedAtMs", "secrets.revokedAtMs"])
      .select(["secrets.httpApiAtMs", "secrets.channelAuthorizationAtMs", "secrets.signInAtMs"])
      .orderBy("apps.createdAtMs")
      .orderBy("apps.id")
      .orderBy("secrets.position");
  }
}

/** Removes the app from people's permissions, so that a later app with the same id does not inherit them. */
async function removeFromPermissions(
  transaction: DatabaseTransaction,
  table: "accounts" | "accountInvitations",
  appId: string,
): Promise<void> {
  const select = transaction.selectFrom(table).select(["id", "appIds"]).where("appIds", "is not", null);
  // Locks the rows, so that this does not overwrite a concurrent change of a role. SQLite has no such clause, and allows
  // only one writing transaction at a time.
  const rows = await (databaseType(transaction) === "sqlite" ? select : select.forUpdate()).execute();
  for (const { id, appIds } of rows) {
    const before = JSON.parse(appIds ?? "[]") as string[];
    const after = before.filter((one) => one !== appId);
    if (after.length === before.length) continue;
    await transaction
      .updateTable(table)
      .set({ appIds: JSON.stringify(after) })
      .where("id", "=", id)
      .execute();
  }
}
