import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { newApp } from "../core/new-app.ts";
import { AppFeed } from "./app-feed.ts";
import { AppSnapshot } from "./app-snapshot.ts";
import { unlockDataKeys } from "./data-keys.ts";
import { KyselyAppStore } from "./kysely-app-store.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import type { Database } from "./schema.ts";

let dataDir: string;
let db: Database;
let store: KyselyAppStore;
let snapshot: AppSnapshot;
let feed: AppFeed;
let told: string[];

beforeEach(async () => {
  const clock = new FakeClock();
  dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
  db = await openDatabase({ url: null, dataDir });
  await migrate(db);
  store = new KyselyAppStore(db, await unlockDataKeys(db, { value: null, dataDir }, 0));
  snapshot = new AppSnapshot(dataDir, "the database");
  feed = new AppFeed({ store, snapshot, prepare: async () => undefined }, clock, null);
  told = [];
});

afterEach(async () => {
  feed.stop();
  await db.destroy();
  rmSync(dataDir, { recursive: true });
});

async function start(): Promise<void> {
  await feed.start(
    {
      changed: ({ name }) => told.push(`changed ${name}`),
      removed: (appId) => told.push(`removed ${appId}`),
      reachable: (isReachable) => told.push(`reachable ${isReachable}`),
    },
    { info: (_, sentence) => told.push(sentence), warn: (_, sentence) => told.push(sentence) },
  );
}

test("a snapshot that cannot be written is told once and keeps no change of an app back", async () => {
  // No file can take a folder's place.
  mkdirSync(join(dataDir, "apps.snapshot.json"));
  await start();
  await store.create(newApp({ name: "new" }, "somebody", 0));
  await feed.poll();
  expect(told).toEqual(["The snapshot of the apps cannot be written", "changed new"]);
  expect([feed.isReachable, feed.isSnapshotOld]).toEqual([true, true]);
});

test("a snapshot that could not be written is written as soon as it can, though no app changed since", async () => {
  await store.create(newApp({ name: "new" }, "somebody", 0));
  mkdirSync(join(dataDir, "apps.snapshot.json"));
  await start();
  rmdirSync(join(dataDir, "apps.snapshot.json"));
  await feed.poll();
  expect(told.slice(-1)).toEqual(["The snapshot of the apps is written again"]);
  expect(feed.isSnapshotOld).toBe(false);
  expect(await snapshot.read()).toHaveLength(1);
});
