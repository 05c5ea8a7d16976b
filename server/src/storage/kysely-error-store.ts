/** The apps' errors in a database. */
import { sql } from "kysely";
import { type ErrorHour, type ErrorStore, errorHoursMax } from "../core/ports/error-store.ts";
import { atomically } from "./database/atomically.ts";
import { databaseType } from "./database/open-database.ts";
import type { Database, DatabaseTransaction, Schema } from "./database/schema.ts";

const rowsPerStatementMax = 50;
const replaced = ["errors", "firstMs", "lastMs", "details"] as const;

export class KyselyErrorStore implements ErrorStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async save(hours: readonly ErrorHour[]): Promise<void> {
    // Sorted, so that two nodes that update the same rows do not deadlock.
    const rows = hours.map(rowOf).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    for (let start = 0; start < rows.length; start += rowsPerStatementMax) {
      const some = rows.slice(start, start + rowsPerStatementMax);
      await atomically(this.#db, (transaction) => this.#replace(transaction, some));
    }
  }

  async list(appId: string, sinceMs: number): Promise<ErrorHour[]> {
    const rows = await this.#db
      .selectFrom("errorHours")
      .selectAll()
      .where("appId", "=", appId)
      .where("lastMs", ">=", sinceMs)
      .orderBy("hourMs")
      .execute();
    return rows.map(({ details, ...row }) => ({ ...row, ...JSON.parse(details) }));
  }

  async totals(fromMs: number): Promise<Map<string, number>> {
    const rows = await this.#db
      .selectFrom("errorHours")
      .select(({ fn }) => ["appId", fn.sum<number>("errors").as("errors")])
      .where("hourMs", ">=", fromMs)
      .groupBy("appId")
      .execute();
    return new Map(rows.map(({ appId, errors }) => [appId, Number(errors)]));
  }

  async prune(beforeMs: number): Promise<void> {
    const remove = (appId: string | null, before: number) =>
      atomically(this.#db, (transaction) =>
        transaction
          .deleteFrom("errorHours")
          .where("hourMs", "<", before)
          .$if(appId !== null, (query) => query.where("appId", "=", appId ?? ""))
          .execute(),
      );
    await remove(null, beforeMs);
    const full = await this.#db
      .selectFrom("errorHours")
      .select("appId")
      .groupBy("appId")
      .having(({ fn }) => fn.countAll<number>(), ">", errorHoursMax)
      .execute();
    for (const { appId } of full) {
      const oldestKept = await this.#db
        .selectFrom("errorHours")
        .select("hourMs")
        .where("appId", "=", appId)
        .orderBy("hourMs", "desc")
        .limit(1)
        .offset(errorHoursMax - 1)
        .executeTakeFirst();
      // Keep the hour at the limit as a whole, because half of it would have a wrong count.
      if (oldestKept !== undefined) await remove(appId, oldestKept.hourMs);
    }
  }

  async #replace(transaction: DatabaseTransaction, rows: readonly Schema["errorHours"][]): Promise<void> {
    const insert = transaction.insertInto("errorHours").values(rows);
    // The databases have two syntaxes for this.
    const writing =
      databaseType(this.#db) === "mysql"
        ? insert.onDuplicateKeyUpdate(
            Object.fromEntries(replaced.map((name) => [name, sql`values(${sql.ref(name)})`])),
          )
        : insert.onConflict((conflict) =>
            conflict
              .columns(["appId", "hourMs", "groupId", "nodeId"])
              .doUpdateSet((eb) =>
                Object.fromEntries(replaced.map((name) => [name, eb.ref(`excluded.${name}`)])),
              ),
          );
    await writing.execute();
  }
}

function rowOf({ cause, socketIds, addresses, newest, ...row }: ErrorHour): Schema["errorHours"] {
  return { ...row, details: JSON.stringify({ cause, socketIds, addresses, newest }) };
}

function keyOf({ appId, hourMs, groupId, nodeId }: Schema["errorHours"]): string {
  return `${appId} ${hourMs} ${groupId} ${nodeId}`;
}
