/** Verifies the audit log's hash chain and finds the first altered row. */
import type { AuditHead } from "../../core/audit-head.ts";
import type { AuditVerdict } from "../../core/ports/audit-log.ts";
import type { Database } from "../database/schema.ts";
import { alarmAction } from "./append-audit-row.ts";
import { follows, isSigned, type StoredHead, type StoredRow } from "./audit-chain.ts";
import { readHead } from "./audit-turn.ts";

const rowsPerPage = 1_000;
const walksMax = 3;

type Broken = NonNullable<AuditVerdict["broken"]>;

export interface Walk {
  /** The last valid row. */
  readonly last: AuditHead;
  readonly rowsChecked: number;
  readonly broken: Broken | null;
}

export async function verifyAudit(
  db: Database,
  key: string,
  expected: AuditHead | null,
): Promise<AuditVerdict> {
  for (let walks = 1; ; walks += 1) {
    const head = await readHead(db);
    const walk = await walkRows(db, head, key, expected);
    const broken =
      walk.broken ?? brokenEnd(head, walk, key) ?? (await addedOutside(db)) ?? missedEnd(head, expected);
    // Old rows were removed during the check, which looks like missing rows: check the rest again.
    const isOutdated = broken !== null && (await readHead(db)).removedUpTo !== head.removedUpTo;
    if (isOutdated && walks < walksMax) continue;
    const { removedUpTo } = head;
    return {
      rowsChecked: walk.rowsChecked,
      head: walk.last,
      removedUpTo,
      broken,
      expected: seen(head, expected, broken),
    };
  }
}

/** Checks from the newest removed row up to the head. */
export async function walkRows(
  db: Database,
  head: StoredHead,
  key: string,
  expected: AuditHead | null,
  upTo = head.sequence,
): Promise<Walk> {
  let last: AuditHead = { sequence: head.removedUpTo, hash: head.removedHash };
  let rowsChecked = 0;
  const brokenAt = (sequence: number, why: string): Walk => ({
    last,
    rowsChecked,
    broken: { sequence, why },
  });
  if (differs(last, expected)) return brokenAt(last.sequence, "it is not the entry that was expected");
  while (last.sequence < upTo) {
    const page = await readPage(db, last.sequence, upTo);
    if (page.length === 0) return brokenAt(last.sequence + 1, "the entry is missing");
    for (const row of page) {
      const problem = rowProblem(row, last, head.keyedFrom, key);
      if (problem !== null) return brokenAt(last.sequence + 1, problem);
      if (differs(row, expected)) return brokenAt(row.sequence, "it is not the entry that was expected");
      last = { sequence: row.sequence, hash: row.hash };
      rowsChecked += 1;
    }
  }
  return { last, rowsChecked, broken: null };
}

function rowProblem(row: StoredRow, last: AuditHead, keyedFrom: number | null, key: string): string | null {
  if (row.sequence !== last.sequence + 1) return "the entry is missing";
  if (!follows(row, last.hash, keyedFrom, key))
    return "the entry was altered, or the one before it was replaced";
  if (row.action === alarmAction) return "the end of the log was altered before this entry was written";
  return null;
}

function brokenEnd(head: StoredHead, { last }: Walk, key: string): Broken | null {
  if (last.hash === head.hash && isSigned(head, key)) return null;
  return { sequence: last.sequence, why: "the newest entry is not the one that was written last" };
}

/** A row before the oldest or after the newest one. One statement, because rows are appended meanwhile. */
async function addedOutside(db: Database): Promise<Broken | null> {
  const row = await db
    .selectFrom("auditRows")
    .innerJoin("auditHead", (join) => join.onTrue())
    .select("auditRows.sequence")
    .where(({ or, eb, ref }) =>
      or([
        eb("auditRows.sequence", ">", ref("auditHead.sequence")),
        eb("auditRows.sequence", "<=", ref("auditHead.removedUpTo")),
      ]),
    )
    .orderBy("auditRows.sequence")
    .limit(1)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { sequence: row.sequence, why: "the entry was added without the audit log's key" };
}

function missedEnd(head: StoredHead, expected: AuditHead | null): Broken | null {
  if (expected === null || expected.sequence <= head.sequence) return null;
  return { sequence: head.sequence + 1, why: `the log ends before the expected entry ${expected.sequence}` };
}

function seen(head: StoredHead, expected: AuditHead | null, broken: Broken | null): AuditVerdict["expected"] {
  if (expected === null || broken !== null) return null;
  return expected.sequence < head.removedUpTo ? "removed" : "found";
}

function differs({ sequence, hash }: AuditHead, expected: AuditHead | null): boolean {
  return expected !== null && sequence === expected.sequence && hash !== expected.hash;
}

function readPage(db: Database, afterSequence: number, upTo: number): Promise<StoredRow[]> {
  return db
    .selectFrom("auditRows")
    .selectAll()
    .where("sequence", ">", afterSequence)
    .where("sequence", "<=", upTo)
    .orderBy("sequence")
    .limit(rowsPerPage)
    .execute();
}
