import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../../test/support/fakes/fake-clock.ts";
import { newApp } from "../../core/apps/new-app.ts";
import { openDatabase } from "../database/open-database.ts";
import type { Database } from "../database/schema.ts";
import { unlockDataKeys } from "../keys/data-keys.ts";
import { migrate } from "../migrations/migrate.ts";
import { AppFeed } from "./app-feed.ts";
import { AppSnapshot } from "./app-snapshot.ts";
import { KyselyAppStore } from "./kysely-app-store.ts";

let clock: FakeClock;
let dataDir: string;
let db: Database;
let store: KyselyAppStore;
let snapshot: AppSnapshot;
let feed: AppFeed;
let reported: string[];
/** The apps that changed here during a read of the feed. */
let outdated: Set<string>;
let reads: number;

beforeEach(async () => {
  clock = new FakeClock();
  dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
  db = await openDatabase({ url: null, dataDir });
  await migrate(db);
  store = new KyselyAppStore(db, await unlockDataKeys(db, { value: null, dataDir }, 0));
  snapshot = new AppSnapshot(dataDir, "the database");
  feed = new AppFeed({ store, snapshot, prepare: async () => undefined }, clock, null);
  reported = [];
  outdated = new Set();
  reads = 0;
});

afterEach(async () => {
  feed.stop();
  await db.destroy();
  rmSync(dataDir, { recursive: true });
});

async function start(): Promise<void> {
  await feed.start(
    {
      beginRead: () => {
        reads += 1;
        return () => {
          reads -= 1;
          return outdated;
        };
      },
      changed: ({ name }, isRestored) => reported.push(`changed ${name}${isRestored ? ", restored" : ""}`),
      removed: (appId) => reported.push(`removed ${appId}`),
      reachable: (isReachable) => reported.push(`reachable ${isReachable}`),
    },
    { info: (_, sentence) => reported.push(sentence), warn: (_, sentence) => reported.push(sentence) },
  );
}

test("the feed reports once that the snapshot cannot be written, and delays no change of an app", async () => {
  // Writing fails, because a file cannot replace a folder.
  mkdirSync(join(dataDir, "apps.snapshot.json"));
  await start();
  await store.create(newApp({ name: "new" }, "somebody", 0));
  await feed.poll();
  expect(reported).toEqual(["The snapshot of the apps cannot be written", "changed new"]);
  expect([feed.isReachable, feed.isSnapshotOld]).toEqual([true, true]);
});

test("the feed writes a failed snapshot as soon as possible, even if no app changed since", async () => {
  await store.create(newApp({ name: "new" }, "somebody", 0));
  mkdirSync(join(dataDir, "apps.snapshot.json"));
  await start();
  rmdirSync(join(dataDir, "apps.snapshot.json"));
  await feed.poll();
  expect(reported.slice(-1)).toEqual(["The snapshot of the apps is written again"]);
  expect(feed.isSnapshotOld).toBe(false);
  expect(await snapshot.read()).toHaveLength(1);
});

test("the latency is the median of the latest polls, so one slow query changes it little", async () => {
  expect(feed.latencyMs).toBeNull();
  await start();
  for (const takesMs of [900, 40, 30, 50, 20]) {
    duringNextRead("version", async () => clock.advance(takesMs));
    await feed.poll();
  }
  expect(feed.latencyMs).toBe(40);
});

/** Calls `change` once in the middle of the next poll: after the store has answered `method`, before the poll continues. */
function duringNextRead(
  question: "version" | "changedSince" | "sealedRows",
  run: () => Promise<unknown>,
): void {
  const original = store[question].bind(store) as (argument: number) => Promise<never>;
  store[question] = async (argument?: number) => {
    store[question] = original as never;
    const answer = await original(argument ?? 0);
    await run();
    return answer;
  };
}

test("an app that changed here during a poll is reported by the next poll, and the others immediately", async () => {
  const [first, second] = [
    newApp({ name: "first" }, "somebody", 0),
    newApp({ name: "second" }, "somebody", 1),
  ];
  for (const app of [first, second]) await store.create(app);
  outdated = new Set([first.id]);
  await start();
  expect(reported.splice(0)).toEqual(["changed second"]);
  outdated = new Set();
  await feed.poll();
  expect(reported.splice(0)).toEqual(["changed first", "changed second"]);
  await store.delete(first.id);
  outdated = new Set([first.id]);
  await feed.poll();
  expect(reported.splice(0)).toEqual([]);
  outdated = new Set();
  await feed.poll();
  expect(reported.splice(0)).toEqual([`removed ${first.id}`]);
  await feed.poll();
  expect([reported, reads]).toEqual([[], 0]);
});

test("a poll that fails ends its read", async () => {
  await start();
  await store.create(newApp({ name: "new" }, "somebody", 0));
  duringNextRead("changedSince", () => Promise.reject(new Error("lost")));
  await feed.poll();
  expect([feed.isReachable, reads]).toEqual([false, 0]);
});

const questions = ["version", "changedSince", "sealedRows"] as const;

test.each(questions)(
  "the feed reports an app that changes while a poll reads the %s by the next poll",
  async (question) => {
    await start();
    await store.create(newApp({ name: "first" }, "somebody", 0));
    duringNextRead(question, () => store.create(newApp({ name: "second" }, "somebody", 1)));
    await feed.poll();
    await feed.poll();
    expect(reported).toContain("changed second");
  },
);

test.each(questions)(
  "the snapshot contains a change before it is answered, even if a poll is reading the %s",
  async (question) => {
    await start();
    const record = newApp({ name: "before" }, "somebody", 0);
    await store.create(record);
    const caughtUp = Promise.withResolvers<void>();
    duringNextRead(question, async () => {
      await store.save({ ...record, name: "after" });
      // catchUp() waits for this poll, and this poll waits for this callback.
      feed.catchUp().then(caughtUp.resolve, caughtUp.reject);
    });
    await feed.poll();
    await caughtUp.promise;
    expect((await snapshot.read())?.map(({ name }) => name)).toEqual(["after"]);
    expect(reported.at(-1)).toBe("changed after");
  },
);

test("the feed uses one poll for all changes made during the previous one", async () => {
  await start();
  let reads = 0;
  const version = store.version.bind(store);
  store.version = () => {
    reads += 1;
    return version();
  };
  await Promise.all([feed.poll(), feed.catchUp(), feed.catchUp(), feed.catchUp()]);
  expect(reads).toBe(2);
});

test("the feed reports each app as restored after a restore from a backup", async () => {
  const record = newApp({ name: "as in the backup" }, "somebody", 0);
  await store.create(record);
  const rows = await db.selectFrom("apps").selectAll().execute();
  const { version } = await db.selectFrom("appVersion").select("version").executeTakeFirstOrThrow();
  await store.save({ ...record, name: "after it" });
  await start();
  for (const row of rows) await db.updateTable("apps").set(row).where("id", "=", row.id).execute();
  await db.updateTable("appVersion").set({ version }).execute();
  await feed.poll();
  expect(reported).toEqual(["changed after it", "changed as in the backup, restored"]);
});
