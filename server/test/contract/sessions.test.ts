/** Database servers with unusual settings: each connection sets the settings that our statements depend on. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RawBuilder, sql } from "kysely";
import { newApp } from "../../src/core/apps/new-app.ts";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import { openDatabase } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { migrate } from "../../src/storage/migrations/migrate.ts";
import type { DatabaseProcess } from "../support/services/database-process.ts";
import { startMariadb } from "../support/services/mariadb.ts";
import { startPostgres } from "../support/services/postgres.ts";

const startTimeoutMs = 120_000;
const masterKey = "00".repeat(32);

/** Each would end its text or statement under another meaning of quotes and backslashes. */
const hostileNames = [
  "it's",
  "\\",
  "\\'",
  "' or 1=1 -- ",
  "\\' or 1=1 -- ",
  "\\'); delete from apps; -- ",
  `a "quoted" name`,
  "|| 'b' ||",
  "  spaces  ",
];

const onMariadb = [
  ["sql_mode = 'NO_BACKSLASH_ESCAPES'"],
  ["sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,ONLY_FULL_GROUP_BY'"],
  ["sql_mode = 'ORACLE'"],
  [
    "sql_mode = ''",
    "autocommit = 0",
    "sql_safe_updates = 1",
    "sql_select_limit = 1",
    "tx_isolation = 'SERIALIZABLE'",
    "character_set_server = 'latin1'",
    "time_zone = '+05:30'",
  ],
];

const onPostgres = [
  ["standard_conforming_strings = off", "backslash_quote = on"],
  [
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'sql_standard'",
    "timezone = 'Asia/Kolkata'",
    "default_transaction_isolation = 'serializable'",
  ],
];

interface Kind {
  readonly start: () => Promise<DatabaseProcess>;
  readonly settings: readonly string[][];
  readonly set: (setting: string) => RawBuilder<unknown>;
  readonly unset: (setting: string) => RawBuilder<unknown>;
  readonly now: RawBuilder<{ now: unknown }>;
}

const kinds: Readonly<Record<string, Kind>> = {
  MariaDB: {
    start: startMariadb,
    settings: onMariadb,
    set: (setting) => sql`set global ${sql.raw(setting)}`,
    unset: (setting) => sql`set global ${sql.raw(String(setting.split(" ")[0]))} = default`,
    now: sql<{ now: unknown }>`select cast('2031-02-03 04:05:06.007' as datetime(3)) as now`,
  },
  PostgreSQL: {
    start: startPostgres,
    settings: onPostgres,
    set: (setting) => sql`alter database postgres set ${sql.raw(setting)}`,
    unset: () => sql`alter database postgres reset all`,
    now: sql<{ now: unknown }>`select timestamptz '2031-02-03 04:05:06.007Z' as now`,
  },
};

for (const [name, { start, settings, set, unset, now }] of Object.entries(kinds))
  describe(name, () => {
    let server: DatabaseProcess;
    let dataDir: string;

    beforeAll(async () => {
      dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
      server = await start();
    }, startTimeoutMs);

    afterAll(async () => {
      await server.remove();
      rmSync(dataDir, { recursive: true });
    }, startTimeoutMs);

    async function withDatabase(tablePrefix: string, work: (db: Database) => Promise<void>): Promise<void> {
      const db = await openDatabase({ url: server.url, dataDir, tablePrefix });
      try {
        await work(db);
      } finally {
        await db.destroy();
      }
    }

    test.each(settings.map((some, index) => [some.join(", "), index] as const))(
      "with %s every text comes back as it went in",
      async (_, index) => {
        const some = settings[index] ?? [];
        await withDatabase("", async (db) => {
          for (const setting of some) await set(setting).execute(db);
        });
        await withDatabase(`with${index}_`, async (db) => {
          await migrate(db);
          const keys = await unlockDataKeys(db, { value: masterKey, dataDir }, 0);
          const store = new KyselyAppStore(db, keys);
          const apps = hostileNames.map((name, at) => newApp({ id: String(at + 1), name }, name, at));
          for (const app of apps) await store.create(app);
          expect(await store.list()).toEqual(apps);
          const { rows } = await now.execute(db);
          expect(rows).toEqual([{ now: new Date("2031-02-03T04:05:06.007Z") }]);
        });
        // On new connections: the written rows are visible to all.
        await withDatabase(`with${index}_`, async (db) => {
          const names = await db.selectFrom("apps").select("name").orderBy("createdAtMs").execute();
          expect(names.map((one) => one.name)).toEqual(hostileNames);
        });
        await withDatabase("", async (db) => {
          for (const setting of some) await unset(setting).execute(db);
        });
      },
    );
  });
