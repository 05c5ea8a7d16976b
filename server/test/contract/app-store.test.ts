import { beforeEach, describe, expect, test } from "bun:test";
import type { AppRecord, Secret } from "../../src/core/apps/app.ts";
import { defaultAppSettings } from "../../src/core/apps/app-settings.ts";
import { AppChanged, AppConflict, type AppStore } from "../../src/core/ports/app-store.ts";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { MemoryAppStore } from "../support/fakes/memory-app-store.ts";
import { onEachDatabase } from "./databases.ts";

describe("memory", () => appStoreSuite(async () => new MemoryAppStore()));

onEachDatabase((open) => {
  appStoreSuite(async () => {
    const { db, dataDir } = await open();
    return new KyselyAppStore(db, await unlockDataKeys(db, { value: null, dataDir }, 0));
  });

  test("of two concurrent saves of one revision, on two connections, one is refused", async () => {
    const { db, dataDir, openAgain } = await open();
    const key = { value: null, dataDir };
    const store = new KyselyAppStore(db, await unlockDataKeys(db, key, 0));
    const other = await openAgain();
    const otherStore = new KyselyAppStore(other, await unlockDataKeys(other, key, 0));
    await store.create(someApp());
    const before = await store.version();
    const saves = await Promise.allSettled([
      store.save({ ...someApp(), name: "one" }),
      otherStore.save({ ...someApp(), name: "two" }),
    ]);
    expect(saves.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await otherStore.version()).toBe(before + 1);
  });
});

function appStoreSuite(open: () => Promise<AppStore>): void {
  let store: AppStore;

  beforeEach(async () => {
    store = await open();
  });

  test("an app is returned as it was saved, with times as numbers and secrets in order", async () => {
    await store.create(someApp());
    expect(await store.find("1")).toEqual(someApp());
    expect(await store.list()).toEqual([someApp()]);
    expect(await store.find("2")).toBeNull();
  });

  test("names keep every character", async () => {
    const name = "Å 😀 \u202e 'quoted' \\ %";
    await store.create({ ...someApp(), name });
    expect((await store.find("1"))?.name).toBe(name);
  });

  test("keys differ by case", async () => {
    await store.create({ ...someApp(), key: "abc" });
    await store.create({ ...someApp(), id: "2", key: "ABC", secrets: [secret("s9", "active")] });
    expect((await store.list()).map(({ key }) => key).sort()).toEqual(["ABC", "abc"]);
  });

  test("ids are texts of up to 64 characters that differ by case", async () => {
    const ids = ["app-id", "App-Id", "007", "7", "_".repeat(64), "9223372036854775808"];
    for (const [index, id] of ids.entries())
      await store.create({ ...someApp(), id, key: `key${index}`, secrets: [secret(`s${index}`, "active")] });
    expect((await store.list()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const [index, id] of ids.entries()) expect((await store.find(id))?.key).toBe(`key${index}`);
    expect(await store.delete("APP-ID")).toBe(false);
    expect(await store.delete("app-id")).toBe(true);
    expect((await store.find("App-Id"))?.secrets).toHaveLength(1);
  });

  test("a taken id or key is a conflict, when creating and when changing", async () => {
    await store.create(someApp());
    const second = { ...someApp(), id: "2", key: "key2", secrets: [secret("s9", "active")] };
    await expect(store.create({ ...second, id: "1" })).rejects.toBeInstanceOf(AppConflict);
    await expect(store.create({ ...second, key: "key1" })).rejects.toBeInstanceOf(AppConflict);
    await store.create(second);
    await expect(store.save({ ...second, key: "key1" })).rejects.toBeInstanceOf(AppConflict);
    expect(await store.find("2")).toEqual(second);
  });

  test("a save raises the revision, and one from an older revision is refused", async () => {
    await store.create(someApp());
    await store.save({ ...someApp(), name: "second", isEnabled: false });
    await expect(store.save({ ...someApp(), name: "third" })).rejects.toBeInstanceOf(AppChanged);
    await expect(store.save({ ...someApp(), id: "7" })).rejects.toBeInstanceOf(AppChanged);
    expect(await store.find("1")).toEqual({ ...someApp(), name: "second", isEnabled: false, revision: 2 });
  });

  test("a rotation's new secret, changed states and dropped secrets are saved with the app", async () => {
    await store.create(someApp());
    const secrets = [
      secret("s1", "active"),
      { ...secret("s2", "revoked"), revokedAtMs: 1_790_000_000_003 },
      secret("s3", "pending"),
    ];
    await store.save({ ...someApp(), secrets });
    expect(
      (await store.find("1"))?.secrets.map(({ id, state, value, revokedAtMs }) => [
        id,
        state,
        value,
        revokedAtMs,
      ]),
    ).toEqual([
      ["s1", "active", "value of s1", null],
      ["s2", "revoked", "value of s2", 1_790_000_000_003],
      ["s3", "pending", "value of s3", null],
    ]);
    await store.save({ ...someApp(), revision: 2, secrets: secrets.slice(0, 1) });
    expect((await store.find("1"))?.secrets.map(({ id }) => id)).toEqual(["s1"]);
  });

  test("the version increases with every change of an app and with nothing else", async () => {
    const versions = [await store.version()];
    await store.create(someApp());
    versions.push(await store.version());
    await store.save(someApp());
    versions.push(await store.version());
    await store.recordSecretUses(new Map([["s2", { signIn: 9 }]]));
    await store.find("1");
    versions.push(await store.version());
    await store.delete("1");
    versions.push(await store.version());
    const [start = 0] = versions;
    expect(versions.map((version) => version - start)).toEqual([0, 1, 2, 2, 3]);
  });

  test("a deleted app is removed with its secrets, and its id and key are available again", async () => {
    await store.create(someApp());
    expect(await store.delete("1")).toBeTrue();
    expect(await store.delete("1")).toBeFalse();
    expect(await store.list()).toEqual([]);
    await store.create(someApp());
    expect(await store.find("1")).toEqual(someApp());
  });

  test("the latest use of a secret is kept for each purpose", async () => {
    await store.create(someApp());
    const atMs = 1_790_000_000_000;
    await store.recordSecretUses(
      new Map([
        ["s2", { httpApi: atMs + 5, signIn: atMs + 6 }],
        ["s1", { httpApi: atMs + 7 }],
        ["gone", { httpApi: atMs }],
      ]),
    );
    await store.recordSecretUses(new Map([["s2", { httpApi: atMs + 1, channelAuthorization: atMs + 8 }]]));
    await store.recordSecretUses(new Map());
    expect((await store.find("1"))?.secrets.map(({ lastUsed }) => lastUsed)).toEqual([
      { httpApi: atMs + 5, signIn: atMs + 6, channelAuthorization: atMs + 8 },
      { httpApi: atMs + 7 },
    ]);
  });

  test("a save of an older state does not undo a recorded use", async () => {
    await store.create(someApp());
    await store.recordSecretUses(new Map([["s2", { signIn: 9 }]]));
    await store.save(someApp());
    expect((await store.find("1"))?.secrets[0]?.lastUsed).toEqual({ signIn: 9 });
  });
}

function secret(id: string, state: Secret["state"]): Secret {
  return {
    id,
    value: `value of ${id}`,
    state,
    createdAtMs: 1_790_000_000_001,
    createdBy: "someone@example.com",
    activatedAtMs: null,
    revokedAtMs: null,
    lastUsed: {},
  };
}

function someApp(): AppRecord {
  return {
    id: "1",
    key: "key1",
    name: "first",
    isEnabled: true,
    settings: { ...defaultAppSettings, connectionsMax: 7, allowedOrigins: ["https://example.com"] },
    createdAtMs: 1_790_000_000_000,
    revision: 1,
    secrets: [secret("s2", "active"), secret("s1", "pending")],
  };
}
