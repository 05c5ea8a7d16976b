/** Databases of earlier versions, as dumps in `fixtures/upgrades`: a start migrates each, and its content works. */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Pusher from "pusher";
import { runSoketify } from "../support/run-soketify.ts";
import type { DatabaseProcess } from "../support/services/database-process.ts";
import { startMariadb } from "../support/services/mariadb.ts";
import { startPostgres } from "../support/services/postgres.ts";
import { run } from "../support/services/run.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";

const fixtures = join(import.meta.dir, "../fixtures/upgrades");
/** Of the dumps of PostgreSQL and MariaDB. Those of SQLite have a file, as a data folder has. */
const masterKey = Buffer.alloc(32, "fixture").toString("base64");
const app = { id: "4242", key: "old-app-key", secret: "old-app-secret-0123456789" };
const owner = { email: "ada@example.com", password: "correct horse battery" };
const startTimeoutMs = 300_000;

type Env = Readonly<Record<string, string>>;

interface Kind {
  readonly start: () => Promise<DatabaseProcess | null>;
  /** Fills an empty database with a dump, and returns the options of a server that uses it. */
  readonly restore: (folder: string, dataDir: string, server: DatabaseProcess | null) => Promise<Env>;
}

const kinds: Readonly<Record<string, Kind>> = {
  SQLite: {
    start: () => Promise.resolve(null),
    restore: async (folder, dataDir) => {
      restoreDataFolder(folder, dataDir);
      return {};
    },
  },
  PostgreSQL: {
    start: () => startPostgres(),
    restore: async (folder, _, server) => {
      const url = new URL(server?.url ?? "");
      const address = ["-h", url.hostname, "-p", url.port, "-U", url.username];
      await run("createdb", ...address, folder);
      await run(
        "psql",
        ...address,
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        folder,
        "-f",
        dump(folder, "postgres"),
      );
      url.pathname = `/${folder}`;
      return { SOKETIFY_DATABASE_URL: url.href, SOKETIFY_MASTER_KEY: masterKey };
    },
  },
  MariaDB: {
    start: () => startMariadb(),
    restore: async (folder, _, server) => {
      const url = new URL(server?.url ?? "");
      const client = ["mariadb", "--no-defaults", "-h", url.hostname, "-P", url.port, "-u", url.username];
      await run(...client, "-e", `create database ${JSON.stringify(folder)}`);
      const load = `source ${dump(folder, "mariadb")}`;
      await run(...client, "--init-command=set sql_mode='', foreign_key_checks=0", "-D", folder, "-e", load);
      url.pathname = `/${folder}`;
      return { SOKETIFY_DATABASE_URL: url.href, SOKETIFY_MASTER_KEY: masterKey };
    },
  },
};

function dump(folder: string, database: string): string {
  return join(fixtures, folder, `${database}.sql`);
}

function restoreDataFolder(folder: string, dataDir: string): void {
  const db = new Database(join(dataDir, "soketify.db"));
  db.exec(readFileSync(dump(folder, "sqlite"), "utf8"));
  db.close();
  copyFileSync(join(fixtures, folder, "master.key"), join(dataDir, "master.key"));
}

describe.each(Object.entries(kinds))("an upgrade on %s", (_, { start, restore }) => {
  let database: DatabaseProcess | null = null;

  beforeAll(async () => {
    database = await start();
  }, startTimeoutMs);

  afterAll(() => database?.remove());

  test.each(readdirSync(fixtures))(
    "from a database of %s keeps apps, secrets, webhooks and people",
    async (folder) => {
      const dataDir = mkdtempSync(join(tmpdir(), "soketify-upgrade-"));
      const env = await restore(folder, dataDir, database);
      const server = await startServer({ env: { SOKETIFY_DATA_DIR: dataDir, ...env } });
      expect(await server.admin("GET", `/apps/${app.id}`)).toMatchObject({
        app: { key: app.key, name: "An old app" },
      });
      expect(await server.admin("GET", `/apps/${app.id}/webhooks`)).toMatchObject({
        webhooks: [{ url: "https://hooks.example.com/old", events: ["channel_occupied"] }],
      });
      await expectWorking(server);
      await server.remove();
      rmSync(dataDir, { recursive: true });
    },
  );
});

/** The secret signs, the owner logs in, and the audit log has its old entries and is whole. */
async function expectWorking(server: RunningServer): Promise<void> {
  const address = { host: server.host, port: String(server.port), useTLS: false };
  const answer = await new Pusher({ appId: app.id, ...app, ...address }).trigger("news", "headline", {});
  expect(answer.status).toBe(200);
  const login = await fetch(`${server.adminUrl}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(owner),
  });
  expect(login.status).toBe(200);
  const { entries } = (await server.admin("GET", "/audit")) as { entries: { action: string }[] };
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["app.update", "secret.rotate"]),
  );
  expect(await server.admin("GET", "/audit/verify")).toMatchObject({ broken: null });
}

test("an older release refuses the database of a newer one, and says what to do", () => {
  const [folder = ""] = readdirSync(fixtures);
  const dataDir = mkdtempSync(join(tmpdir(), "soketify-downgrade-"));
  restoreDataFolder(folder, dataDir);
  const db = new Database(join(dataDir, "soketify.db"));
  db.run("insert into kysely_migration values ('999-later', '2030-01-01T00:00:00.000Z')");
  db.close();
  const { code, errors } = runSoketify(dataDir, "start", "--port", "0");
  expect(code).toBe(1);
  expect(errors).toContain(
    "The database was changed by a newer Soketify (steps 999-later): run that release",
  );
  rmSync(dataDir, { recursive: true });
});
