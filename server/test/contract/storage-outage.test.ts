import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { newApp } from "../../src/core/apps/new-app.ts";
import type { AppFeedListener } from "../../src/storage/apps/app-feed.ts";
import { openStorage, type Storage } from "../../src/storage/open-storage.ts";
import { FakeClock } from "../support/fakes/fake-clock.ts";
import type { DatabaseProcess } from "../support/services/database-process.ts";
import { startMariadb } from "../support/services/mariadb.ts";
import { startPostgres } from "../support/services/postgres.ts";

const silent = { info: () => undefined, warn: () => undefined };
const startTimeoutMs = 120_000;

for (const [name, startDatabase] of [
  ["PostgreSQL", startPostgres],
  ["MariaDB", startMariadb],
] as const)
  describe(name, () => {
    const clock = new FakeClock();
    const folders: string[] = [];
    const opened: Storage[] = [];
    let server: DatabaseProcess;

    beforeAll(async () => {
      server = await startDatabase();
    }, startTimeoutMs);

    afterAll(async () => {
      for (const { feed, db } of opened) {
        feed.stop();
        await db.destroy();
      }
      await server.remove();
      for (const folder of folders) rmSync(folder, { recursive: true });
    }, startTimeoutMs);

    function folder(): string {
      const made = mkdtempSync(join(tmpdir(), "soketify-"));
      folders.push(made);
      return made;
    }

    async function open(dataDir: string, masterKey: string | null = null): Promise<Storage> {
      const storage = await openStorage({ url: server.url, dataDir }, masterKey, clock);
      opened.push(storage);
      return storage;
    }

    test(
      "known apps are served while the database is unreachable at the start, and later changes are loaded afterwards",
      async () => {
        const dataDir = folder();
        const first = await open(dataDir);
        const record = newApp({ name: "known" }, "cli", clock.now());
        await first.store.create(record);
        await first.feed.start(new ChangeRecorder(), silent);
        expect(statSync(join(dataDir, "apps.snapshot.json")).mode & 0o777).toBe(0o600);

        await server.stop();
        const second = await open(dataDir);
        expect(second.apps).toEqual([record]);
        const received = new ChangeRecorder();
        await second.feed.start(received, silent);
        expect(second.feed.isReachable).toBeFalse();

        await server.start();
        await first.store.save({ ...record, name: "renamed" });
        await second.feed.poll();
        expect(second.feed.isReachable).toBeTrue();
        expect(received.reported).toEqual([`changed ${record.id} renamed`, "reachable true"]);
      },
      startTimeoutMs,
    );

    test(
      "an outage and its end are each reported once",
      async () => {
        const { feed } = await open(folder(), await masterKeyOf());
        const received = new ChangeRecorder();
        await feed.start(received, silent);
        received.reported = [];
        await server.stop();
        await feed.poll();
        await feed.poll();
        await server.start();
        await feed.poll();
        expect(received.reported).toEqual(["reachable false", "reachable true"]);
      },
      startTimeoutMs,
    );

    test(
      "a connection that is lost during use fails only its query",
      async () => {
        const { db } = await open(folder(), await masterKeyOf());
        await db.connection().execute(async (connection) => {
          const ask = () => sql`select 1`.execute(connection);
          await ask();
          await server.stop();
          await expect(ask()).rejects.toThrow();
        });
        await server.start();
        await sql`select 1`.execute(db);
      },
      startTimeoutMs,
    );

    test("changes of one process reach another", async () => {
      const masterKey = await masterKeyOf();
      const one = await open(folder(), masterKey);
      const other = await open(folder(), masterKey);
      const received = new ChangeRecorder();
      await other.feed.start(received, silent);
      received.reported = [];
      const record = newApp({ name: "new" }, "cli", clock.now());
      await one.store.create(record);
      await other.feed.poll();
      await one.store.delete(record.id);
      await other.feed.poll();
      await other.feed.poll();
      expect(received.reported).toEqual([`changed ${record.id} new`, `removed ${record.id}`]);
    });

    test(
      "a start without a snapshot names the database that is unreachable",
      async () => {
        await server.stop();
        await expect(open(folder())).rejects.toThrow(/^Cannot use .*127\.0\.0\.1:\d+.*ECONNREFUSED/);
        await server.start();
      },
      startTimeoutMs,
    );

    test("a database that refuses ends the start, with or without a snapshot, and the password is not printed", async () => {
      const address = new URL(server.url);
      address.username = "nobody";
      address.password = "pass-phrase";
      const start = openStorage({ url: address.href, dataDir: folder() }, null, clock);
      const error: Error = await start.then(
        () => new Error("It started"),
        (why) => why,
      );
      expect(error.message).toMatch(/^Cannot use .*nobody@127/);
      expect(error.message).not.toContain("pass-phrase");
    });

    test("a second node without the master key fails with the id of the required key, and creates none", async () => {
      const dataDir = folder();
      await expect(open(dataDir)).rejects.toThrow(/with the master key [0-9a-f]{16}, which is missing/);
      expect(await Bun.file(join(dataDir, "master.key")).exists()).toBeFalse();
    });

    /** The key that the first test's start created. */
    async function masterKeyOf(): Promise<string> {
      return (await Bun.file(join(String(folders[0]), "master.key")).text()).trim();
    }
  });

class ChangeRecorder implements AppFeedListener {
  reported: string[] = [];

  beginRead() {
    return () => new Set<string>();
  }

  changed({ id, name }: { id: string; name: string }): void {
    this.reported.push(`changed ${id} ${name}`);
  }

  removed(appId: string): void {
    this.reported.push(`removed ${appId}`);
  }

  reachable(isReachable: boolean): void {
    this.reported.push(`reachable ${isReachable}`);
  }
}
