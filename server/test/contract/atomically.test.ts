/** The guarantees of the transaction helper, on each database. */
import { expect, test } from "bun:test";
import { atomically } from "../../src/storage/database/atomically.ts";
import { databaseType } from "../../src/storage/database/open-database.ts";
import type { Database, DatabaseTransaction } from "../../src/storage/database/schema.ts";
import { onEachDatabase } from "./databases.ts";

onEachDatabase((open) => {
  test("two changes that lock the same rows in opposite orders are both made", async () => {
    const { db, openAgain } = await open();
    await add(db, "a");
    await add(db, "b");
    const bothHoldOne = barrier(2);
    const runs: string[] = [];

    /** Locks one row, waits in the first run until the other change has locked the other row, then locks that one. */
    const count = (at: Database, ids: readonly string[]) =>
      atomically(at, async (transaction) => {
        const isFirst = !runs.includes(ids.join());
        runs.push(ids.join());
        for (const id of ids) {
          await increment(transaction, id);
          // On SQLite only one of them can begin, so there is nothing to wait for.
          if (isFirst && canInterleave(at)) await bothHoldOne();
        }
      });

    const [here, there] = [count(db, ["a", "b"]), count(await openAgain(), ["b", "a"])];
    await Promise.all([here, there]);
    expect(await figures(db)).toEqual({ a: 2, b: 2 });
    expect(runs).toHaveLength(canInterleave(db) ? 3 : 2);
  });

  test("a change waits for another process that holds the lock", async () => {
    const { db, openAgain } = await open();
    const other = await openAgain();
    await add(db, "a");
    const holds = barrier(2);
    const mayEnd = barrier(2);
    const first = atomically(db, async (transaction) => {
      await increment(transaction, "a");
      await holds();
      await mayEnd();
    });
    await holds();
    const second = atomically(other, (transaction) => increment(transaction, "a"));
    await mayEnd();
    await Promise.all([first, second]);
    expect(await figures(db)).toEqual({ a: 2 });
  });

  test("a change that throws leaves no changes", async () => {
    const { db } = await open();
    const change = atomically(db, async (transaction) => {
      await add(transaction, "a");
      throw new Error("It was not to be");
    });
    await expect(change).rejects.toThrow("It was not to be");
    expect(await figures(db)).toEqual({});
  });

  test("a nested change is a part of the outer one", async () => {
    const { db } = await open();
    const change = atomically(db, async (transaction) => {
      await atomically(transaction, (inner) => add(inner, "a"));
      throw new Error("It was not to be");
    });
    await expect(change).rejects.toThrow("It was not to be");
    expect(await figures(db)).toEqual({});
  });
});

function canInterleave(db: Database): boolean {
  return databaseType(db) !== "sqlite";
}

/** Each caller's promise resolves once `count` have called; later calls resolve immediately. */
function barrier(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let missing = count;
  return () => {
    missing -= 1;
    if (missing <= 0) resolve();
    return promise;
  };
}

async function add(db: Database, id: string): Promise<void> {
  const row = { id, hash: id, name: id, scopes: "[]", createdBy: "test" };
  await db
    .insertInto("apiTokens")
    .values({ ...row, createdAtMs: 0, expiresAtMs: null, lastUsedAtMs: 0, revokedAtMs: null })
    .execute();
}

async function increment(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction
    .updateTable("apiTokens")
    .set((eb) => ({ lastUsedAtMs: eb("lastUsedAtMs", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

async function figures(db: Database): Promise<Record<string, number | null>> {
  const rows = await db.selectFrom("apiTokens").select(["id", "lastUsedAtMs"]).execute();
  return Object.fromEntries(rows.map(({ id, lastUsedAtMs }) => [id, lastUsedAtMs]));
}
