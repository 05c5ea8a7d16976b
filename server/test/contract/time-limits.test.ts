/** The time limits for a database server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { sql } from "kysely";
import {
  noTimeLimits,
  type TimeLimits,
  usualTimeLimits,
} from "../../src/storage/database/connection-limits.ts";
import { isUnreachable, isUnwritable } from "../../src/storage/database/database-error.ts";
import { openDatabase } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { migrate } from "../../src/storage/migrations/migrate.ts";
import type { DatabaseProcess } from "../support/services/database-process.ts";
import { startMariadb } from "../support/services/mariadb.ts";
import { startPostgres } from "../support/services/postgres.ts";

const startTimeoutMs = 120_000;

const kinds = {
  PostgreSQL: {
    start: startPostgres,
    sleep: sql`select pg_sleep(20)`,
    session: sql<{ id: number }>`select pg_backend_pid() as id`,
    limits: sql`
      select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
        current_setting('idle_in_transaction_session_timeout') as idle`,
    usual: { statement: "30s", lock: "10s", idle: "1min" },
    none: { statement: "0", lock: "0", idle: "0" },
  },
  MariaDB: {
    start: startMariadb,
    sleep: sql`select sleep(20)`,
    session: sql<{ id: number }>`select connection_id() as id`,
    limits: sql`
      select @@max_statement_time as statement, @@innodb_lock_wait_timeout as \`lock\`,
        @@lock_wait_timeout as lockTable, @@idle_transaction_timeout as idle`,
    usual: { statement: 30, lock: 10, lockTable: 10, idle: 60 },
    none: { statement: 0, lock: 31_536_000, lockTable: 31_536_000, idle: 0 },
  },
};

for (const [name, { start, sleep, session, limits, usual, none }] of Object.entries(kinds))
  describe(name, () => {
    let server: DatabaseProcess;
    const opened: Database[] = [];

    beforeAll(async () => {
      server = await start();
      await migrate(await open(noTimeLimits));
    }, startTimeoutMs);

    afterAll(async () => {
      await Promise.all(opened.map((db) => db.destroy()));
      await server.remove();
    }, startTimeoutMs);

    async function open(timeLimits?: TimeLimits): Promise<Database> {
      const db = await openDatabase(
        { url: server.url, dataDir: tmpdir() },
        timeLimits === undefined ? {} : { limits: timeLimits },
      );
      opened.push(db);
      return db;
    }

    const change = (db: Database) => db.updateTable("appVersion").set({ version: 1 }).execute();
    const sessionOf = async (db: Database) => (await session.execute(db)).rows[0]?.id;

    test("each connection has the usual limits, and those of a migration have none", async () => {
      expect((await limits.execute(await open())).rows).toEqual([usual]);
      expect((await limits.execute(await open(noTimeLimits))).rows).toEqual([none]);
    });

    test("the server ends a statement that takes too long, and the connection is used again", async () => {
      const db = await open({ ...usualTimeLimits, statementMs: 1_000 });
      const before = await sessionOf(db);
      await expect(sleep.execute(db)).rejects.toThrow(/statement timeout|max_statement_time/);
      expect(await sessionOf(db)).toBe(before);
    });

    test("a change that waits too long for another's lock is reported as temporarily unwritable", async () => {
      const [one, other] = [await open(), await open({ ...usualTimeLimits, lockWaitMs: 1_000 })];
      await one.transaction().execute(async (transaction) => {
        await transaction.updateTable("appVersion").set({ version: 2 }).execute();
        const error = await change(other).then(
          () => null,
          (why: unknown) => why,
        );
        expect([error, isUnwritable(error)]).toEqual([expect.any(Error), true]);
      });
    });

    test("an idle transaction releases its locks", async () => {
      const [one, other] = [await open({ ...usualTimeLimits, idleTransactionMs: 1_000 }), await open()];
      const idle = one.transaction().execute(async (transaction) => {
        await transaction.updateTable("appVersion").set({ version: 3 }).execute();
        await change(other);
      });
      await expect(idle).rejects.toThrow();
      const { version } = await other.selectFrom("appVersion").select("version").executeTakeFirstOrThrow();
      expect(version).toBe(1);
    });

    test("a server that does not answer is unreachable, and its connection is not used again", async () => {
      const db = await open({ ...usualTimeLimits, answerMs: 1_000 });
      const before = await sessionOf(db);
      const inTransaction = db.transaction().execute((transaction) => sleep.execute(transaction));
      const error = await inTransaction.then(
        () => null,
        (why: unknown) => why,
      );
      expect([error, isUnreachable(error)]).toEqual([expect.any(Error), true]);
      expect(await sessionOf(db)).not.toBe(before);
    });
  });
