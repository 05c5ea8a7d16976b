import { beforeEach, describe, expect, test } from "bun:test";
import type { AuditLog } from "../../src/core/ports/audit-log.ts";
import { formerRowHash, signedHead } from "../../src/storage/audit/audit-chain.ts";
import { KyselyAuditLog } from "../../src/storage/audit/kysely-audit-log.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { rewrapMasterKey, rotateDataKey } from "../../src/storage/keys/rewrap-keys.ts";
import { serverSecret } from "../../src/storage/keys/server-secret.ts";
import { AuditStage, someEntry } from "./audit-stage.ts";
import { auditTamperingContract } from "./audit-tampering.contract.ts";
import { onEachDatabase } from "./databases.ts";

onEachDatabase((open) => {
  let stage: AuditStage;

  beforeEach(async () => {
    stage = await AuditStage.open(await open());
  });

  auditTamperingContract(() => stage);

  test("an entry with any text is returned as it was appended", async () => {
    const entry = {
      ...someEntry,
      actor: "Å 😀 'x' \\",
      before: { "": [null, "\u0000", 1.5] },
      after: "plain",
    };
    const row = await stage.log.append(entry);
    expect(row).toMatchObject({ ...entry, sequence: 1, atMs: stage.clock.now() });
    expect(await stage.log.query({}, 10, null)).toEqual([row]);
  });

  test("text longer than its column is truncated, and the row still verifies", async () => {
    const row = await stage.log.append({ ...someEntry, actor: "😀".repeat(200), target: "a\0b\ud800" });
    expect(row.actor.length).toBeLessThanOrEqual(255);
    expect(await stage.brokenAt()).toBeNull();
  });

  test("pages go from the newest to the oldest without a gap", async () => {
    await stage.appendMany(5);
    const first = await stage.log.query({}, 2, null);
    const second = await stage.log.query({}, 2, 4);
    const last = await stage.log.query({}, 2, 2);
    expect([first, second, last].map((page) => page.map(({ sequence }) => sequence))).toEqual([
      [5, 4],
      [3, 2],
      [1],
    ]);
  });

  test("filters select by actor, kind of actor, action, app, time and search text", async () => {
    const startMs = stage.clock.now();
    await stage.log.append(someEntry);
    stage.clock.advance(10);
    await stage.log.append({ ...someEntry, actorKind: "cli", actor: "cli" });
    stage.clock.advance(10);
    await stage.log.append({ ...someEntry, action: "app.delete", appId: "2" });
    const found = async (filter: Parameters<AuditLog["query"]>[0]) =>
      (await stage.log.query(filter, 10, null)).map(({ sequence }) => sequence);
    expect(await found({ actor: "cli" })).toEqual([2]);
    expect(await found({ actorKind: "person" })).toEqual([3, 1]);
    expect(await found({ action: "app.delete" })).toEqual([3]);
    expect(await found({ search: "DELETE" })).toEqual([3]);
    expect(await found({ search: "app_delete" })).toEqual([]);
    expect(await found({ search: "%" })).toEqual([]);
    expect(await found({ appId: "1" })).toEqual([2, 1]);
    expect(await found({ fromMs: startMs + 10, toMs: startMs + 20 })).toEqual([2]);
  });

  test("concurrent appends from four nodes form one chain without a gap, also on the first use", async () => {
    const connections = await Promise.all([1, 2, 3, 4].map(() => stage.opened.openAgain()));
    const nodes = await Promise.all(connections.map((one) => stage.openLog(one)));
    await Promise.all(nodes.flatMap((node) => Array.from({ length: 6 }, () => node.append(someEntry))));
    const sequences = (await stage.log.query({}, 50, null)).map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: 24 }, (_, index) => 24 - index));
    expect(await stage.log.verify(null)).toMatchObject({ rowsChecked: 24, broken: null });
  }, 60_000);

  test("an empty log is valid", async () => {
    const head = { sequence: 0, hash: "" };
    expect(await stage.log.verify(null)).toEqual({
      rowsChecked: 0,
      head,
      removedUpTo: 0,
      broken: null,
      expected: null,
    });
  });

  test("hashes require the audit key, which new master and data keys do not change", async () => {
    await stage.appendMany(2);
    const source = { value: null, dataDir: stage.opened.dataDir };
    await rotateDataKey(stage.db, source, stage.clock.now());
    await rewrapMasterKey(stage.db, source, null);
    const restarted = await stage.openLog(stage.db);
    await stage.appendMany(2, restarted);
    expect(await restarted.verify(null)).toMatchObject({ rowsChecked: 4, broken: null });
  });

  test("a forged log that claims to be older than its key is detected", async () => {
    await stage.appendMany(3);
    const hash = await stage.forgeFormerRows(3);
    await stage.db.deleteFrom("serverSecrets").execute();
    await stage.db.updateTable("auditHead").set({ hash, keyedFrom: null, mac: "" }).execute();
    const restarted = await stage.openLog(stage.db);
    await stage.appendMany(1, restarted);
    expect((await restarted.verify(null)).broken).not.toBeNull();
  });

  test("the key of older releases, stored in its own row, remains valid", async () => {
    const keys = await unlockDataKeys(
      stage.db,
      { value: null, dataDir: stage.opened.dataDir },
      stage.clock.now(),
    );
    const former = await serverSecret(stage.db, keys, "audit");
    const head = signedHead({ ...(await stage.headOf()), keyedFrom: 1 }, former);
    await stage.db.updateTable("auditHead").set(head).execute();
    await stage.appendMany(2, new KyselyAuditLog(stage.db, { load: async () => former }, stage.clock));
    await stage.appendMany(1);
    await stage.db.deleteFrom("serverSecrets").execute();
    expect(await (await stage.openLog(stage.db)).verify(null)).toMatchObject({
      rowsChecked: 3,
      broken: null,
    });
  });

  test("a saved head is found in the chain later", async () => {
    await stage.appendMany(2);
    const saved = await stage.log.head();
    await stage.appendMany(2);
    expect(await stage.log.verify(saved)).toMatchObject({ broken: null, expected: "found" });
  });

  describe("rows of a release without a key", () => {
    beforeEach(async () => {
      let hash = "";
      for (let sequence = 1; sequence <= 3; sequence += 1) {
        const row = { ...formerRow, sequence };
        hash = formerRowHash(hash, row);
        await stage.db
          .insertInto("auditRows")
          .values({ ...row, hash })
          .execute();
      }
      await stage.db.updateTable("auditHead").set({ sequence: 3, hash }).execute();
      await stage.appendMany(2);
    });

    test("verify together with later rows", async () => {
      expect(await stage.log.verify(null)).toMatchObject({ rowsChecked: 5, broken: null });
      expect((await stage.log.query({}, 10, 4)).map(({ actorKind }) => actorKind)).toEqual([
        null,
        null,
        null,
      ]);
    });

    test("are protected by later rows", async () => {
      await stage.db
        .updateTable("auditRows")
        .set({ actorKind: "person" })
        .where("sequence", "=", 1)
        .execute();
      expect(await stage.brokenAt()).toBe(1);
      await stage.forgeFormerRows(3);
      expect(await stage.brokenAt()).toBe(4);
    });
  });

  describe("old rows", () => {
    let oldHead: Awaited<ReturnType<AuditLog["head"]>>;

    beforeEach(async () => {
      await stage.appendMany(2);
      oldHead = await stage.log.head();
      await stage.appendMany(1);
      stage.clock.advance(1_000);
      await stage.appendMany(2);
    });

    test("are removed, an entry records it, and the rest remains verifiable", async () => {
      expect(await stage.log.removeBefore(stage.clock.now())).toBe(3);
      const rows = await stage.log.query({}, 10, null);
      expect(rows.map(({ sequence, action }) => [sequence, action])).toEqual([
        [6, "audit.remove"],
        [5, "secret.rotate"],
        [4, "secret.rotate"],
      ]);
      expect(rows[0]).toMatchObject({ actorKind: "server", target: "entries 1 to 3" });
      expect(await stage.log.verify(null)).toMatchObject({ rowsChecked: 3, removedUpTo: 3, broken: null });
      await stage.appendMany(1);
      expect(await stage.log.verify(oldHead)).toMatchObject({ broken: null, expected: "removed" });
      expect(await stage.log.removeBefore(stage.clock.now())).toBe(0);
      expect((await stage.log.head()).sequence).toBe(7);
    });

    test("may be all rows", async () => {
      stage.clock.advance(1_000);
      expect(await stage.log.removeBefore(stage.clock.now() + 5_000)).toBe(5);
      expect(await stage.log.verify(null)).toMatchObject({ rowsChecked: 1, removedUpTo: 5, broken: null });
    });

    test("are reported if somebody else removed them", async () => {
      await stage.log.removeBefore(stage.clock.now());
      await stage.db.deleteFrom("auditRows").where("sequence", "=", 4).execute();
      expect(await stage.brokenAt()).toBe(4);
      const { hash = "" } = (await stage.rowsOf())[0] ?? {};
      await stage.db.updateTable("auditHead").set({ removedUpTo: 5, removedHash: hash }).execute();
      expect(await stage.brokenAt()).not.toBeNull();
    });

    test("are kept as evidence if they were altered", async () => {
      await stage.db.updateTable("auditRows").set({ actor: "nobody" }).where("sequence", "=", 2).execute();
      expect(await stage.log.removeBefore(stage.clock.now())).toBe(1);
      expect(await stage.log.removeBefore(stage.clock.now())).toBe(0);
      expect(await stage.brokenAt()).toBe(2);
    });

    test("include the newest removed row, with which a saved head can still be compared", async () => {
      await stage.log.removeBefore(stage.clock.now());
      const { removedUpTo, removedHash } = await stage.headOf();
      const head = { sequence: removedUpTo, hash: removedHash };
      expect(await stage.log.verify(head)).toMatchObject({ broken: null, expected: "found" });
      expect((await stage.log.verify({ ...head, hash: "0".repeat(64) })).broken?.sequence).toBe(3);
    });
  });
});

const formerRow = {
  atMs: 1,
  actorKind: null,
  actorId: null,
  actor: "someone@example.com",
  action: "app.update",
  target: "app 1",
  appId: "1",
  address: null,
  before: null,
  after: "{}",
};
