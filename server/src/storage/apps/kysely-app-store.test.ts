import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppRecord } from "../../core/apps/app.ts";
import { defaultAppSettings } from "../../core/apps/app-settings.ts";
import { AppChanged } from "../../core/ports/app-store.ts";
import { openDatabase } from "../database/open-database.ts";
import type { Database } from "../database/schema.ts";
import { unlockDataKeys } from "../keys/data-keys.ts";
import { migrate } from "../migrations/migrate.ts";
import { KyselyAppStore } from "./kysely-app-store.ts";

let dataDir: string;
let db: Database;
let store: KyselyAppStore;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
  db = await openDatabase({ url: null, dataDir });
  await migrate(db);
  store = new KyselyAppStore(db, await unlockDataKeys(db, { value: null, dataDir }, 0));
});

afterEach(async () => {
  await db.destroy();
  rmSync(dataDir, { recursive: true });
});

test("find returns an app as it was saved, with its secrets in order", async () => {
  const app = someApp();
  await store.create(app);
  expect(await store.find("1")).toEqual(app);
  expect(await store.list()).toEqual([app]);
});

test("save stores no secret as plain text", async () => {
  await store.create(someApp());
  const rows = await db.selectFrom("secrets").selectAll().execute();
  expect(rows).toHaveLength(2);
  expect(JSON.stringify(rows)).not.toContain("the old value");
});

test("save stores only the settings that differ from the default", async () => {
  await store.create(someApp());
  const { settings } = await db.selectFrom("apps").select("settings").executeTakeFirstOrThrow();
  expect(JSON.parse(settings)).toEqual({ connectionsMax: 7, allowedOrigins: ["https://example.com"] });
});

test("find leaves out a stored setting that this release does not know", async () => {
  await store.create(someApp());
  await db.updateTable("apps").set({ settings: '{"connectionsMax":9,"fromTheFuture":true}' }).execute();
  expect((await store.find("1"))?.settings).toEqual({ ...defaultAppSettings, connectionsMax: 9 });
});

test("find refuses a secret that was moved to another app's row", async () => {
  await store.create(someApp());
  await store.create({ ...someApp(), id: "2", key: "key2", secrets: [] });
  await db.updateTable("secrets").set({ appId: "2" }).where("id", "=", "s1").execute();
  await expect(store.find("2")).rejects.toThrow("app/2/secret/s1 cannot be decrypted");
});

test("save refuses an older revision and changes nothing", async () => {
  const app = someApp();
  await store.create(app);
  await store.save({ ...app, name: "second" });
  await expect(store.save({ ...app, name: "third", secrets: [] })).rejects.toBeInstanceOf(AppChanged);
  expect(await store.find("1")).toEqual({ ...app, name: "second", revision: 2 });
});

function someApp(): AppRecord {
  const secret = { createdAtMs: 5, createdBy: "first start", revokedAtMs: null };
  return {
    id: "1",
    key: "key1",
    name: "first",
    isEnabled: true,
    settings: { ...defaultAppSettings, connectionsMax: 7, allowedOrigins: ["https://example.com"] },
    createdAtMs: 1_790_000_000_000,
    revision: 1,
    secrets: [
      {
        ...secret,
        id: "s2",
        value: "the old value",
        state: "active",
        activatedAtMs: 6,
        lastUsed: { httpApi: 8 },
      },
      { ...secret, id: "s1", value: "the new value", state: "pending", activatedAtMs: null, lastUsed: {} },
    ],
  };
}
