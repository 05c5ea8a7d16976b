/** `soketify import --from soketi` from a table as in soketi's documentation, in real databases. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { openDatabase } from "../../src/storage/database/open-database.ts";
import { runSoketify } from "../support/run-soketify.ts";
import type { DatabaseProcess } from "../support/services/database-process.ts";
import { startMariadb } from "../support/services/mariadb.ts";
import { startPostgres } from "../support/services/postgres.ts";

const timeoutMs = 300_000;

describe.each([
  ["mysql", startMariadb, "tinyint"],
  ["postgres", startPostgres, "smallint"],
] as const)("from %s", (driver, startDatabase, booleanType) => {
  const folder = mkdtempSync(join(tmpdir(), "soketify-import-"));
  let database: DatabaseProcess;

  beforeAll(async () => {
    database = await startDatabase();
    const db = await openDatabase({ url: database.url, dataDir: folder });
    const types = [
      "max_connections",
      "max_backend_events_per_sec",
      "max_client_events_per_sec",
      "max_read_req_per_sec",
    ];
    const numbers = types.map((name) => `${name} integer`).join(", ");
    const create = `create table apps (id varchar(255), ${driver === "mysql" ? "`key`" : "key"} varchar(255), secret varchar(255), ${numbers}, enable_client_messages ${booleanType}, enabled ${booleanType}, webhooks text)`;
    await sql.raw(create).execute(db.withoutPlugins());
    const hooks = JSON.stringify([{ url: "https://example.com/hook", event_types: ["channel_vacated"] }]);
    await sql`insert into apps values ('app-id', 'app-key', 'app-secret', 50, -1, 9, -1, 1, 1, ${hooks})`.execute(
      db.withoutPlugins(),
    );
    await db.destroy();
  }, timeoutMs);
  afterAll(async () => {
    await database.remove();
    rmSync(folder, { recursive: true });
  }, timeoutMs);

  test(
    "the table that the config names is imported with webhooks, and updated by a second run",
    () => {
      const { hostname, port, username, password, pathname } = new URL(database.url);
      const connection = {
        host: hostname,
        port: Number(port),
        user: username,
        password,
        database: pathname.slice(1),
      };
      const file = join(folder, "config.json");
      writeFileSync(file, JSON.stringify({ appManager: { driver }, database: { [driver]: connection } }));
      const dataDir = join(folder, "data");
      const first = runSoketify(dataDir, "import", file, "--from", "soketi", "--json");
      expect(first.errors).toBe("");
      expect(JSON.parse(first.output)).toMatchObject({ created: ["app-id"], webhooks: 1, notes: [] });
      const again = runSoketify(dataDir, "import", file, "--from", "soketi", "--taken", "replace", "--json");
      expect(JSON.parse(again.output)).toMatchObject({ replaced: ["app-id"], webhooks: 1 });
      const app = JSON.parse(runSoketify(dataDir, "app", "show", "app-id", "--secret", "--json").output);
      expect(app).toMatchObject({ key: "app-key", secretValue: "app-secret", isEnabled: true });
      expect(app.settings).toMatchObject({
        connectionsMax: 50,
        clientEventsPerSecondMax: 9,
        clientEventsEnabled: true,
      });
      const webhooks = JSON.parse(runSoketify(dataDir, "webhook", "list", "app-id", "--json").output);
      expect(webhooks).toMatchObject([{ url: "https://example.com/hook", events: ["channel_vacated"] }]);
    },
    timeoutMs,
  );
});
