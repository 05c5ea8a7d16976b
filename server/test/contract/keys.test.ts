/** The keys that encrypt secrets, on each database. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newApp } from "../../src/core/apps/new-app.ts";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { createMasterKeyFile, MasterKeyUnusable, masterKeyPath } from "../../src/storage/keys/master-key.ts";
import { rewrapMasterKey, rotateDataKey } from "../../src/storage/keys/rewrap-keys.ts";
import { serverSecret } from "../../src/storage/keys/server-secret.ts";
import { onEachDatabase } from "./databases.ts";

const app = newApp({ name: "an app" }, "cli", 0);
let dataDir: string;
let db: Database;
/** A server that was running before the keys changed. */
let running: KyselyAppStore;

onEachDatabase((open) => {
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
    ({ db } = await open());
    running = await startStore(null);
    await running.create(app);
  });

  afterEach(() => rmSync(dataDir, { recursive: true }));

  test("another master key ends the start, and changes nothing", async () => {
    const before = await everything();
    await expect(startStore(randomBytes(32).toString("hex"))).rejects.toBeInstanceOf(MasterKeyUnusable);
    expect(await everything()).toEqual(before);
  });

  test("a missing master key ends the start, and no new one is created", async () => {
    const before = await everything();
    rmSync(masterKeyPath(dataDir));
    await expect(startStore(null)).rejects.toThrow(/with the master key [0-9a-f]{16}, which is missing/);
    expect(existsSync(masterKeyPath(dataDir))).toBeFalse();
    expect(await everything()).toEqual(before);
  });

  test("after a re-wrap only the new master key opens the secrets", async () => {
    const old = readFileSync(masterKeyPath(dataDir), "utf8");
    const next = randomBytes(32).toString("base64");
    await rewrapMasterKey(db, { value: null, dataDir }, next);
    expect(await (await startStore(next)).find(app.id)).toEqual(app);
    await expect(startStore(old)).rejects.toBeInstanceOf(MasterKeyUnusable);
    expect(await running.find(app.id)).toEqual(app);
  });

  test("a re-wrap without a given key creates a new one in the data folder", async () => {
    const old = readFileSync(masterKeyPath(dataDir), "utf8");
    await rewrapMasterKey(db, { value: null, dataDir }, null);
    expect(readFileSync(masterKeyPath(dataDir), "utf8")).not.toBe(old);
    expect(readdirSync(dataDir).filter((name) => name.startsWith("master"))).toEqual(["master.key"]);
    expect(await (await startStore(null)).find(app.id)).toEqual(app);
  });

  test("a re-wrap that was interrupted before the file changed is finished by the next one", async () => {
    const old = join(dataDir, "old.key");
    renameSync(masterKeyPath(dataDir), old);
    createMasterKeyFile(dataDir);
    const next = readFileSync(masterKeyPath(dataDir), "utf8");
    renameSync(masterKeyPath(dataDir), `${masterKeyPath(dataDir)}.next`);
    renameSync(old, masterKeyPath(dataDir));
    await rewrapMasterKey(db, { value: null, dataDir }, next);
    await rewrapMasterKey(db, { value: null, dataDir }, null);
    expect(readFileSync(masterKeyPath(dataDir), "utf8")).toBe(next);
    expect(await (await startStore(null)).find(app.id)).toEqual(app);
  });

  test("a re-wrap with a wrong current key changes nothing", async () => {
    const before = await everything();
    const wrong = { value: randomBytes(32).toString("hex"), dataDir };
    await expect(rewrapMasterKey(db, wrong, randomBytes(32).toString("hex"))).rejects.toThrow(
      "Nothing was changed",
    );
    await expect(rotateDataKey(db, wrong, 0)).rejects.toThrow("Nothing was changed");
    expect(await everything()).toEqual(before);
  });

  test("a new data key seals everything again, and a running server uses it", async () => {
    const keys = await unlockDataKeys(db, { value: null, dataDir }, 0);
    const cookieSecret = await serverSecret(db, keys, "cookies");
    const before = await everything();
    expect(await rotateDataKey(db, { value: null, dataDir }, 0)).toBe(2);
    const after = await everything();
    expect(after.dataKeys).toHaveLength(1);
    expect(after.dataKeys[0]?.id).not.toBe(before.dataKeys[0]?.id);
    expect(after.secrets[0]?.sealed).not.toBe(before.secrets[0]?.sealed);
    expect(await serverSecret(db, keys, "cookies")).toBe(cookieSecret);
    const other = newApp({ name: "another" }, "cli", 1);
    await running.create(other);
    expect(await running.list()).toEqual([app, other]);
  });
});

async function startStore(value: string | null): Promise<KyselyAppStore> {
  return new KyselyAppStore(db, await unlockDataKeys(db, { value, dataDir }, 0));
}

async function everything() {
  return {
    dataKeys: await db.selectFrom("dataKeys").selectAll().execute(),
    secrets: await db.selectFrom("secrets").selectAll().execute(),
    versions: await db.selectFrom("appVersion").selectAll().execute(),
  };
}
