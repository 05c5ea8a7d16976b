/** `soketify audit verify` against a running server whose log has entries that are too old to keep. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { auditActor, cliActor } from "../../src/core/actor.ts";
import { headText } from "../../src/core/audit-head.ts";
import { KyselyAuditLog } from "../../src/storage/audit/kysely-audit-log.ts";
import { openDatabase } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { AuditKey } from "../../src/storage/keys/audit-key.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { migrate } from "../../src/storage/migrations/migrate.ts";
import { freePort } from "../support/net/free-port.ts";
import { runSoketify } from "../support/run-soketify.ts";
import { RunningServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const entry = {
  ...auditActor(cliActor),
  action: "app.export",
  target: "0 apps",
  appId: null,
  before: null,
  after: null,
} as const;
let server: RunningServer;
let db: Database;
/** The newest of the entries from two years ago, which the server removes. */
let oldHead: string;

beforeAll(async () => {
  server = new RunningServer({ env: { SOKETIFY_AUDIT_RETENTION_DAYS: "365" } }, await freePort());
  const { dataDir } = server;
  db = await openDatabase({ url: null, dataDir });
  await migrate(db);
  const keys = await unlockDataKeys(db, { value: null, dataDir }, Date.now());
  const clock = { now: () => Date.now() - 730 * 86_400_000 };
  const log = new KyselyAuditLog(db, new AuditKey(db, keys), clock);
  for (let entries = 1; entries <= 3; entries += 1) await log.append(entry);
  const [, { sequence, hash } = { sequence: 0, hash: "" }] = await log.query({}, 2, null);
  oldHead = headText({ sequence, hash });
  await server.start();
}, 30_000);

afterAll(async () => {
  await db.destroy();
  await server.remove();
});

const verify = (...args: string[]) => runSoketify(server.dataDir, "audit", "verify", ...args);
const newestHead = () => String((JSON.parse(verify("--json").output) as Record<string, unknown>).head);

test("the server removes old entries, and the remaining ones verify", async () => {
  const found = await until("the old entries to be removed", () => {
    const { removedUpTo, isIntact } = JSON.parse(verify("--json").output) as Record<string, unknown>;
    return removedUpTo === 3 && { isIntact };
  });
  expect(found).toEqual({ isIntact: true });
  const tooOld = verify("--expect", oldHead);
  expect(tooOld.code).toBe(1);
  expect(tooOld.errors).toContain("Entries up to 3 were removed");
}, 30_000);

test("a saved head is found after more entries, and not after the log was set back", async () => {
  const older = await db.selectFrom("auditHead").selectAll().executeTakeFirstOrThrow();
  await server.admin("POST", "/apps", { id: "another", name: "Another" });
  const kept = newestHead();
  expect(kept).toMatch(/^\d+:[0-9a-f]{64}$/);
  await server.admin("PATCH", "/apps/another", { name: "Renamed" });
  expect(verify("--expect", kept)).toMatchObject({ code: 0 });

  await db.deleteFrom("auditRows").where("sequence", ">", older.sequence).execute();
  await db.updateTable("auditHead").set(older).execute();
  expect(verify().code).toBe(0);
  const setBack = verify("--expect", kept);
  expect(setBack.code).toBe(1);
  expect(setBack.errors).toContain(`expected entry ${kept.split(":")[0]}`);
}, 60_000);

test("an invalid head is refused with the expected format", () => {
  const wrong = verify("--expect", "latest");
  expect(wrong.code).not.toBe(0);
  expect(wrong.errors).toContain("64 hex digits");
}, 30_000);
