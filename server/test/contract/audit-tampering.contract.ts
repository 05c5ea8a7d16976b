/** Tampering with the audit log that its verification must detect. */
import { beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { headText, parseHead } from "../../src/core/audit-head.ts";
import { type AuditStage, someEntry } from "./audit-stage.ts";

/** @param open returns the stage of the running test */
export function auditTamperingContract(open: () => AuditStage): void {
  let stage: AuditStage;

  beforeEach(() => {
    stage = open();
  });

  describe("an altered row is detected", () => {
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
        await stage.appendMany(3);
        await stage.db
          .updateTable("auditRows")
          .set({ [column]: value })
          .where("sequence", "=", 2)
          .execute();
        expect(await stage.brokenAt()).toBe(2);
      });

    test("by its number, and if it is missing", async () => {
      await stage.appendMany(3);
      await stage.db.updateTable("auditRows").set({ sequence: 9 }).where("sequence", "=", 2).execute();
      expect(await stage.brokenAt()).toBe(2);
      await stage.db.deleteFrom("auditRows").where("sequence", "=", 9).execute();
      expect(await stage.brokenAt()).toBe(2);
    });

    test("as the newest row", async () => {
      await stage.appendMany(3);
      await stage.db.updateTable("auditRows").set({ actor: "nobody" }).where("sequence", "=", 3).execute();
      expect(await stage.brokenAt()).toBe(3);
    });
  });

  test("a chain that was rewritten without the key is detected", async () => {
    await stage.appendMany(3);
    const hash = await stage.forgeFormerRows(3);
    await stage.db.updateTable("auditHead").set({ hash, keyedFrom: null }).execute();
    expect(await stage.brokenAt()).not.toBeNull();
    await stage.db.updateTable("auditHead").set({ keyedFrom: 4 }).execute();
    expect(await stage.brokenAt()).not.toBeNull();
  });

  describe("an added row is detected", () => {
    beforeEach(() => stage.appendMany(3));

    for (const sequence of [0, 4, 9])
      test(`with the number ${sequence}, also after later appends`, async () => {
        const [row] = await stage.rowsOf();
        if (row === undefined) throw new Error("There is no row");
        await stage.db
          .insertInto("auditRows")
          .values({ ...row, sequence })
          .execute();
        expect(await stage.brokenAt()).toBe(sequence);
        await stage.appendMany(2);
        expect(await stage.brokenAt()).toBe(sequence === 9 ? 4 : sequence);
      });
  });

  test("a removed head is detected, also after later appends", async () => {
    await stage.appendMany(3);
    await stage.db.deleteFrom("auditHead").execute();
    expect(await stage.brokenAt()).toBe(0);
    expect((await stage.log.head()).sequence).toBe(0);
    await stage.appendMany(2);
    expect(await stage.brokenAt()).toBe(1);
    expect((await stage.log.query({}, 10, null)).map(({ action }) => action)).toContain("audit.alarm");
  });

  describe("a removed end is detected", () => {
    beforeEach(() => stage.appendMany(4));

    const cutTo = async (sequence: number) => {
      await stage.db.deleteFrom("auditRows").where("sequence", ">", sequence).execute();
      const { hash } = (await stage.rowsOf()).at(-1) ?? { hash: "" };
      await stage.db.updateTable("auditHead").set({ sequence, hash }).execute();
    };

    test("if the head still contains it", async () => {
      await stage.db.deleteFrom("auditRows").where("sequence", ">=", 3).execute();
      expect(await stage.brokenAt()).toBe(3);
    });

    test("if the head was set back, too", async () => {
      await cutTo(2);
      expect(await stage.brokenAt()).toBe(2);
    });

    test("after later appends", async () => {
      await cutTo(2);
      await stage.appendMany(3);
      expect(await stage.brokenAt()).toBe(3);
      expect((await stage.log.query({}, 10, null)).map(({ action }) => action)).toContain("audit.alarm");
    });

    test("if only the head was set back; later rows continue after the existing ones", async () => {
      const { hash = "" } = (await stage.rowsOf())[1] ?? {};
      await stage.db.updateTable("auditHead").set({ sequence: 2, hash }).execute();
      await stage.appendMany(1);
      expect((await stage.rowsOf()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await stage.brokenAt()).toBe(5);
    });

    for (const [column, value] of Object.entries({ keyedFrom: 2, removedUpTo: 1, removedHash: "a", mac: "" }))
      test(`if the head has another ${column}`, async () => {
        await stage.db
          .updateTable("auditHead")
          .set({ [column]: value })
          .execute();
        expect(await stage.brokenAt()).not.toBeNull();
      });

    test("by an earlier saved head, if an older copy of the database was restored", async () => {
      const [copy, rows] = [await stage.headOf(), await stage.rowsOf()];
      await stage.appendMany(2);
      const saved = headText(await stage.log.head());
      await stage.db.deleteFrom("auditRows").where("sequence", ">", rows.length).execute();
      await stage.db.updateTable("auditHead").set(copy).execute();
      expect(await stage.brokenAt()).toBeNull();
      const { broken } = await stage.log.verify(parseHead(saved));
      expect(broken).toEqual({ sequence: 5, why: "the log ends before the expected entry 6" });

      await stage.log.append({ ...someEntry, actor: "another" });
      await stage.appendMany(2);
      expect((await stage.log.verify(parseHead(saved))).broken?.sequence).toBe(6);
    });
  });
}
