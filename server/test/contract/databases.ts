/** The databases of the suites in this folder: real ones, started once for a test file. */
import { afterAll, beforeAll, describe } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { type DatabaseAddress, openDatabase } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { migrate } from "../../src/storage/migrations/migrate.ts";
import type { DatabaseProcess } from "../support/services/database-process.ts";
import { startMariadb } from "../support/services/mariadb.ts";
import { startPostgres } from "../support/services/postgres.ts";

const startTimeoutMs = 300_000;

const servers: [string, () => Promise<DatabaseProcess | null>][] = [
  ["SQLite", () => Promise.resolve(null)],
  ["PostgreSQL", startPostgres],
  ["MariaDB", startMariadb],
];

export interface OpenDatabase {
  readonly db: Database;
  readonly dataDir: string;
  /** For tests that open it themselves. */
  readonly address: DatabaseAddress;
  /** Opens the same data as another process would. */
  openAgain(): Promise<Database>;
}

/** Describes the suite once for each database. `open()` returns the migrated database without data of earlier tests. */
export function onEachDatabase(suite: (open: () => Promise<OpenDatabase>) => void): void {
  for (const [name, start] of servers)
    describe(name, () => {
      const opened: Database[] = [];
      let server: DatabaseProcess | null;
      let dataDir: string;

      const address = () => ({ url: server?.url ?? null, dataDir });

      async function connect(): Promise<Database> {
        const db = await openDatabase(address());
        opened.push(db);
        return db;
      }

      beforeAll(async () => {
        dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
        server = await start();
        await migrate(await connect());
      }, startTimeoutMs);

      afterAll(async () => {
        await Promise.all(opened.map((db) => db.destroy()));
        await server?.remove();
        rmSync(dataDir, { recursive: true });
      }, startTimeoutMs);

      suite(async () => {
        const [db = await connect()] = opened;
        await empty(db);
        return { db, dataDir, address: address(), openAgain: connect };
      });
    });
}

async function empty(db: Database): Promise<void> {
  for (const table of [
    "webhooks",
    "accounts",
    "accountInvitations",
    "secrets",
    "apps",
    "serverSecrets",
    "dataKeys",
    "apiTokens",
    "auditRows",
    "appStats",
    "errorHours",
    "nodeStarts",
    "webhookDeliveries",
    "webhookDepartures",
  ] as const)
    await db.deleteFrom(table).execute();
  await db.updateTable("appVersion").set({ version: 0 }).execute();
  await db
    .updateTable("webhookState")
    .set({ version: 0, leasedBy: "", leasedUntilMs: 0, leaseToken: 0 })
    .execute();
  await sql`update audit_head
    set sequence = 0, hash = '', keyed_from = null, removed_up_to = 0, removed_hash = '', mac = ''`.execute(
    db,
  );
}
