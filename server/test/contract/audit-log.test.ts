import { beforeEach, describe, expect, test } from "bun:test";
import type { AuditEntry, AuditLog } from "../../src/core/ports/audit-log.ts";
import { KyselyAuditLog } from "../../src/storage/kysely-audit-log.ts";
import type { Database } from "../../src/storage/schema.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

onEachDatabase((open) => {
  let opened: OpenDatabase;
  let db: Database;
  let log: AuditLog;
  let clock: FakeClock;

  beforeEach(async () => {
    opened = await open();
    db = opened.db;
    clock = new FakeClock();
    log = new KyselyAuditLog(db, clock);
  });

  test("an entry comes back as it was appended, whatever its text", async () => {
    const entry = {
      ...someEntry,
      actor: "Å 😀 'x' \\",
      before: { "": [null, "\u0000", 1.5] },
      after: "plain",
    };
    const row = await log.append(entry);
    expect(row).toMatchObject({ ...entry, sequence: 1, atMs: clock.now() });
    expect(await log.query({}, 10, null)).toEqual([row]);
  });

  test("text beyond its column is cut, and the row still verifies", async () => {
    const row = await log.append({ ...someEntry, actor: "😀".repeat(200), target: "a\0b\ud800" });
    expect(row.actor.length).toBeLessThanOrEqual(255);
    expect((await log.verify()).broken).toBeNull();
  });

  test("pages go from the newest to the oldest without a gap", async () => {
    for (let count = 1; count <= 5; count += 1) await log.append(someEntry);
    const first = await log.query({}, 2, null);
    const second = await log.query({}, 2, 4);
    const last = await log.query({}, 2, 2);
    expect([first, second, last].map((page) => page.map(({ sequence }) => sequence))).toEqual([
      [5, 4],
      [3, 2],
      [1],
    ]);
  });

  test("filters narrow by actor, action, app and time", async () => {
    const startMs = clock.now();
    await log.append(someEntry);
    clock.advance(10);
    await log.append({ ...someEntry, actor: "cli" });
    clock.advance(10);
    await log.append({ ...someEntry, action: "app.delete", appId: "2" });
    const found = async (filter: Parameters<AuditLog["query"]>[0]) =>
      (await log.query(filter, 10, null)).map(({ sequence }) => sequence);
    expect(await found({ actor: "cli" })).toEqual([2]);
    expect(await found({ action: "app.delete" })).toEqual([3]);
    expect(await found({ appId: "1" })).toEqual([2, 1]);
    expect(await found({ fromMs: startMs + 10, toMs: startMs + 20 })).toEqual([2]);
  });

  test("appends from two connections at once leave no gap and one chain", async () => {
    const other = new KyselyAuditLog(await opened.openAgain(), clock);
    await Promise.all(
      Array.from({ length: 12 }, (_, turn) => (turn % 2 === 0 ? log : other).append(someEntry)),
    );
    const rows = await log.query({}, 20, null);
    expect(rows.map(({ sequence }) => sequence)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await log.verify()).toEqual({ rowsChecked: 12, lastHash: rows[0]?.hash ?? "", broken: null });
  }, 20_000);

  test("an empty log is whole", async () => {
    expect(await log.verify()).toEqual({ rowsChecked: 0, lastHash: "", broken: null });
  });

  describe("a broken chain is found:", () => {
    beforeEach(async () => {
      for (let count = 1; count <= 4; count += 1) await log.append(someEntry);
    });

    const brokenAt = async () => (await log.verify()).broken?.sequence;

    test("an altered field", async () => {
      await db.updateTable("auditRows").set({ actor: "nobody" }).where("sequence", "=", 2).execute();
      expect(await brokenAt()).toBe(2);
    });

    test("an altered value after the change", async () => {
      await db.updateTable("auditRows").set({ after: "{}" }).where("sequence", "=", 3).execute();
      expect(await brokenAt()).toBe(3);
    });

    test("a deleted row", async () => {
      await db.deleteFrom("auditRows").where("sequence", "=", 2).execute();
      expect(await brokenAt()).toBe(2);
    });

    test("a deleted end", async () => {
      await db.deleteFrom("auditRows").where("sequence", ">=", 3).execute();
      expect(await brokenAt()).toBe(3);
    });
  });
});

const someEntry: AuditEntry = {
  actor: "someone@example.com",
  action: "secret.rotate",
  target: "app 1",
  appId: "1",
  address: "127.0.0.1",
  before: null,
  after: { state: "pending" },
};
