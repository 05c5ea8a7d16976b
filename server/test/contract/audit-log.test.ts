import { beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { headText, parseHead } from "../../src/core/audit-head.ts";
import type { AuditEntry, AuditLog } from "../../src/core/ports/audit-log.ts";
import { formerRowHash, signedHead } from "../../src/storage/audit/audit-chain.ts";
import { KyselyAuditLog } from "../../src/storage/audit/kysely-audit-log.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { AuditKey } from "../../src/storage/keys/audit-key.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { rewrapMasterKey, rotateDataKey } from "../../src/storage/keys/rewrap-keys.ts";
import { serverSecret } from "../../src/storage/keys/server-secret.ts";
import { FakeClock } from "../support/fakes/fake-clock.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

onEachDatabase((open) => {
  let opened: OpenDatabase;
  let db: Database;
  let log: AuditLog;
  let clock: FakeClock;

  /** As another process, started now, has it. */
  async function openLog(on: Database): Promise<AuditLog> {
    const keys = await unlockDataKeys(on, { value: null, dataDir: opened.dataDir }, clock.now());
    return new KyselyAuditLog(on, new AuditKey(on, keys), clock);
  }

  async function appendMany(count: number, on = log): Promise<void> {
    for (let appended = 0; appended < count; appended += 1) await on.append(someEntry);
  }

  /** Writes other rows in the place of the first ones, hashed as releases without a key did. Answers the last hash. */
  async function forgeFormerRows(count: number): Promise<string> {
    let hash = "";
    for (const row of (await rowsOf()).slice(0, count)) {
      const forged = { ...row, actorKind: null, actorId: null, actor: "nobody" };
      hash = formerRowHash(hash, forged);
      const update = db.updateTable("auditRows").set({ ...forged, hash });
      await update.where("sequence", "=", row.sequence).execute();
    }
    return hash;
  }

  const rowsOf = () => db.selectFrom("auditRows").selectAll().orderBy("sequence").execute();
  const headOf = () => db.selectFrom("auditHead").selectAll().executeTakeFirstOrThrow();
  const brokenAt = async () => (await log.verify(null)).broken?.sequence ?? null;

  beforeEach(async () => {
    opened = await open();
    db = opened.db;
    clock = new FakeClock();
    log = await openLog(db);
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
    expect(await brokenAt()).toBeNull();
  });

  test("pages go from the newest to the oldest without a gap", async () => {
    await appendMany(5);
    const first = await log.query({}, 2, null);
    const second = await log.query({}, 2, 4);
    const last = await log.query({}, 2, 2);
    expect([first, second, last].map((page) => page.map(({ sequence }) => sequence))).toEqual([
      [5, 4],
      [3, 2],
      [1],
    ]);
  });

  test("filters narrow by actor, kind of actor, action, app and time", async () => {
    const startMs = clock.now();
    await log.append(someEntry);
    clock.advance(10);
    await log.append({ ...someEntry, actorKind: "cli", actor: "cli" });
    clock.advance(10);
    await log.append({ ...someEntry, action: "app.delete", appId: "2" });
    const found = async (filter: Parameters<AuditLog["query"]>[0]) =>
      (await log.query(filter, 10, null)).map(({ sequence }) => sequence);
    expect(await found({ actor: "cli" })).toEqual([2]);
    expect(await found({ actorKind: "person" })).toEqual([3, 1]);
    expect(await found({ action: "app.delete" })).toEqual([3]);
    expect(await found({ search: "DELETE" })).toEqual([3]);
    expect(await found({ search: "app_delete" })).toEqual([]);
    expect(await found({ search: "%" })).toEqual([]);
    expect(await found({ appId: "1" })).toEqual([2, 1]);
    expect(await found({ fromMs: startMs + 10, toMs: startMs + 20 })).toEqual([2]);
  });

  test("appends from four nodes at once leave no gap and one chain, also on the very first use", async () => {
    const connections = await Promise.all([1, 2, 3, 4].map(() => opened.openAgain()));
    const nodes = await Promise.all(connections.map(openLog));
    await Promise.all(nodes.flatMap((node) => Array.from({ length: 6 }, () => node.append(someEntry))));
    const sequences = (await log.query({}, 50, null)).map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: 24 }, (_, index) => 24 - index));
    expect(await log.verify(null)).toMatchObject({ rowsChecked: 24, broken: null });
  }, 60_000);

  test("an empty log is whole", async () => {
    const head = { sequence: 0, hash: "" };
    expect(await log.verify(null)).toEqual({
      ...{ rowsChecked: 0, head, removedUpTo: 0, broken: null, expected: null },
    });
  });

  test("the hashes need the key, and new master and data keys leave it as it is", async () => {
    await appendMany(2);
    const source = { value: null, dataDir: opened.dataDir };
    await rotateDataKey(db, source, clock.now());
    await rewrapMasterKey(db, source, null);
    const restarted = await openLog(db);
    await appendMany(2, restarted);
    expect(await restarted.verify(null)).toMatchObject({ rowsChecked: 4, broken: null });
  });

  test("a log that somebody passes off as older than its key is found", async () => {
    await appendMany(3);
    const hash = await forgeFormerRows(3);
    await db.deleteFrom("serverSecrets").execute();
    await db.updateTable("auditHead").set({ hash, keyedFrom: null, mac: "" }).execute();
    const restarted = await openLog(db);
    await appendMany(1, restarted);
    expect((await restarted.verify(null)).broken).not.toBeNull();
  });

  test("the key of a release that kept it in a row of its own stays the key", async () => {
    const keys = await unlockDataKeys(db, { value: null, dataDir: opened.dataDir }, clock.now());
    const former = await serverSecret(db, keys, "audit");
    const head = signedHead({ ...(await headOf()), keyedFrom: 1 }, former);
    await db.updateTable("auditHead").set(head).execute();
    await appendMany(2, new KyselyAuditLog(db, { load: async () => former }, clock));
    await appendMany(1);
    await db.deleteFrom("serverSecrets").execute();
    expect(await (await openLog(db)).verify(null)).toMatchObject({ rowsChecked: 3, broken: null });
  });

  describe("an altered row is found:", () => {
    const altered = {
      atMs: 1,
      actorKind: "cli",
      actorId: null,
      actor: "nobody",
      action: "app.delete",
      target: "app 2",
      appId: null,
      address: "192.0.2.99",
      before: "{}",
      after: null,
      hash: createHash("sha256").digest("hex"),
    };
    for (const [column, value] of Object.entries(altered))
      test(`by its ${column}`, async () => {
        await appendMany(3);
        await db
          .updateTable("auditRows")
          .set({ [column]: value })
          .where("sequence", "=", 2)
          .execute();
        expect(await brokenAt()).toBe(2);
      });

    test("by its number, and where it is missing", async () => {
      await appendMany(3);
      await db.updateTable("auditRows").set({ sequence: 9 }).where("sequence", "=", 2).execute();
      expect(await brokenAt()).toBe(2);
      await db.deleteFrom("auditRows").where("sequence", "=", 9).execute();
      expect(await brokenAt()).toBe(2);
    });

    test("in the newest row, too", async () => {
      await appendMany(3);
      await db.updateTable("auditRows").set({ actor: "nobody" }).where("sequence", "=", 3).execute();
      expect(await brokenAt()).toBe(3);
    });
  });

  test("a chain that somebody without the key made anew is found", async () => {
    await appendMany(3);
    const hash = await forgeFormerRows(3);
    await db.updateTable("auditHead").set({ hash, keyedFrom: null }).execute();
    expect(await brokenAt()).not.toBeNull();
    await db.updateTable("auditHead").set({ keyedFrom: 4 }).execute();
    expect(await brokenAt()).not.toBeNull();
  });

  describe("an end that was cut off is found:", () => {
    beforeEach(() => appendMany(4));

    const cutTo = async (sequence: number) => {
      await db.deleteFrom("auditRows").where("sequence", ">", sequence).execute();
      const { hash } = (await rowsOf()).at(-1) ?? { hash: "" };
      await db.updateTable("auditHead").set({ sequence, hash }).execute();
    };

    test("where the head still names it", async () => {
      await db.deleteFrom("auditRows").where("sequence", ">=", 3).execute();
      expect(await brokenAt()).toBe(3);
    });

    test("where the head was set back with it", async () => {
      await cutTo(2);
      expect(await brokenAt()).toBe(2);
    });

    test("after more was appended", async () => {
      await cutTo(2);
      await appendMany(3);
      expect(await brokenAt()).toBe(3);
      expect((await log.query({}, 10, null)).map(({ action }) => action)).toContain("audit.alarm");
    });

    test("where the head alone was set back, and appending goes on after what is there", async () => {
      const { hash = "" } = (await rowsOf())[1] ?? {};
      await db.updateTable("auditHead").set({ sequence: 2, hash }).execute();
      await appendMany(1);
      expect((await rowsOf()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await brokenAt()).toBe(5);
    });

    for (const [column, value] of Object.entries({ keyedFrom: 2, removedUpTo: 1, removedHash: "a", mac: "" }))
      test(`where the head says another ${column}`, async () => {
        await db
          .updateTable("auditHead")
          .set({ [column]: value })
          .execute();
        expect(await brokenAt()).not.toBeNull();
      });

    test("by a head that was noted before, where an older copy of the database came back", async () => {
      const [copy, rows] = [await headOf(), await rowsOf()];
      await appendMany(2);
      const noted = headText(await log.head());
      await db.deleteFrom("auditRows").where("sequence", ">", rows.length).execute();
      await db.updateTable("auditHead").set(copy).execute();
      expect(await brokenAt()).toBeNull();
      const { broken } = await log.verify(parseHead(noted));
      expect(broken).toEqual({ sequence: 5, why: "the log ends before the expected entry 6" });

      await log.append({ ...someEntry, actor: "another" });
      await appendMany(2);
      expect((await log.verify(parseHead(noted))).broken?.sequence).toBe(6);
    });
  });

  test("a head that was noted is found in the chain later", async () => {
    await appendMany(2);
    const noted = await log.head();
    await appendMany(2);
    expect(await log.verify(noted)).toMatchObject({ broken: null, expected: "found" });
  });

  describe("rows of a release without a key", () => {
    beforeEach(async () => {
      let hash = "";
      for (let sequence = 1; sequence <= 3; sequence += 1) {
        const row = { ...formerRow, sequence };
        hash = formerRowHash(hash, row);
        await db
          .insertInto("auditRows")
          .values({ ...row, hash })
          .execute();
      }
      await db.updateTable("auditHead").set({ sequence: 3, hash }).execute();
      await appendMany(2);
    });

    test("verify together with those that follow", async () => {
      expect(await log.verify(null)).toMatchObject({ rowsChecked: 5, broken: null });
      expect((await log.query({}, 10, 4)).map(({ actorKind }) => actorKind)).toEqual([null, null, null]);
    });

    test("are protected by those that follow", async () => {
      await db.updateTable("auditRows").set({ actorKind: "person" }).where("sequence", "=", 1).execute();
      expect(await brokenAt()).toBe(1);
      await forgeFormerRows(3);
      expect(await brokenAt()).toBe(4);
    });
  });

  describe("old rows", () => {
    let oldHead: Awaited<ReturnType<AuditLog["head"]>>;

    beforeEach(async () => {
      await appendMany(2);
      oldHead = await log.head();
      await appendMany(1);
      clock.advance(1_000);
      await appendMany(2);
    });

    test("are removed with a note, and the rest stays verifiable", async () => {
      expect(await log.removeBefore(clock.now())).toBe(3);
      const rows = await log.query({}, 10, null);
      expect(rows.map(({ sequence, action }) => [sequence, action])).toEqual([
        [6, "audit.remove"],
        [5, "secret.rotate"],
        [4, "secret.rotate"],
      ]);
      expect(rows[0]).toMatchObject({ actorKind: "server", target: "entries 1 to 3" });
      expect(await log.verify(null)).toMatchObject({ rowsChecked: 3, removedUpTo: 3, broken: null });
      await appendMany(1);
      expect(await log.verify(oldHead)).toMatchObject({ broken: null, expected: "removed" });
      expect(await log.removeBefore(clock.now())).toBe(0);
      expect((await log.head()).sequence).toBe(7);
    });

    test("can be all there are", async () => {
      clock.advance(1_000);
      expect(await log.removeBefore(clock.now() + 5_000)).toBe(5);
      expect(await log.verify(null)).toMatchObject({ rowsChecked: 1, removedUpTo: 5, broken: null });
    });

    test("that somebody else removed are found", async () => {
      await log.removeBefore(clock.now());
      await db.deleteFrom("auditRows").where("sequence", "=", 4).execute();
      expect(await brokenAt()).toBe(4);
      const { hash = "" } = (await rowsOf())[0] ?? {};
      await db.updateTable("auditHead").set({ removedUpTo: 5, removedHash: hash }).execute();
      expect(await brokenAt()).not.toBeNull();
    });

    test("stay where they were altered, as evidence", async () => {
      await db.updateTable("auditRows").set({ actor: "nobody" }).where("sequence", "=", 2).execute();
      expect(await log.removeBefore(clock.now())).toBe(1);
      expect(await log.removeBefore(clock.now())).toBe(0);
      expect(await brokenAt()).toBe(2);
    });

    test("of a head that is the newest one removed can still be compared with it", async () => {
      await log.removeBefore(clock.now());
      const { removedUpTo, removedHash } = await headOf();
      const head = { sequence: removedUpTo, hash: removedHash };
      expect(await log.verify(head)).toMatchObject({ broken: null, expected: "found" });
      expect((await log.verify({ ...head, hash: "0".repeat(64) })).broken?.sequence).toBe(3);
    });
  });
});

const someEntry: AuditEntry = {
  actorKind: "person",
  actorId: "p1",
  actor: "someone@example.com",
  action: "secret.rotate",
  target: "app 1",
  appId: "1",
  address: "127.0.0.1",
  before: null,
  after: { state: "pending" },
};

const formerRow = {
  ...{ atMs: 1, actorKind: null, actorId: null, actor: "someone@example.com", action: "app.update" },
  ...{ target: "app 1", appId: "1", address: null, before: null, after: "{}" },
};
