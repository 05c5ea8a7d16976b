/** The audit log in a database. */
import { createHash } from "node:crypto";
import type { Selectable } from "kysely";
import type { AuditEntry, AuditFilter, AuditLog, AuditRow, AuditVerdict } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";
import { atomically } from "./atomically.ts";
import type { Database, Schema } from "./schema.ts";

type StoredRow = Selectable<Schema["auditRows"]>;

const rowsPerPage = 1_000;

export class KyselyAuditLog implements AuditLog {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async append(entry: AuditEntry): Promise<AuditRow> {
    const atMs = this.#clock.now();
    const stored = await atomically(this.#db, async (transaction) => {
      // Takes the lock that puts the appends of all processes in one order, until the transaction ends.
      await transaction
        .updateTable("auditHead")
        .set((eb) => ({ sequence: eb("sequence", "+", 1) }))
        .execute();
      const head = await transaction.selectFrom("auditHead").selectAll().executeTakeFirstOrThrow();
      const row = toStored(entry, head.sequence, atMs);
      const hash = hashOf(head.hash, row);
      await transaction
        .insertInto("auditRows")
        .values({ ...row, hash })
        .execute();
      await transaction.updateTable("auditHead").set({ hash }).execute();
      return { ...row, hash };
    });
    return toAuditRow(stored);
  }

  async query(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditRow[]> {
    let select = this.#db.selectFrom("auditRows").selectAll().orderBy("sequence", "desc").limit(limit);
    if (beforeSequence !== null) select = select.where("sequence", "<", beforeSequence);
    if (filter.actor !== undefined) select = select.where("actor", "=", filter.actor);
    if (filter.action !== undefined) select = select.where("action", "=", filter.action);
    if (filter.appId !== undefined) select = select.where("appId", "=", filter.appId);
    if (filter.fromMs !== undefined) select = select.where("atMs", ">=", filter.fromMs);
    if (filter.toMs !== undefined) select = select.where("atMs", "<", filter.toMs);
    return (await select.execute()).map(toAuditRow);
  }

  async verify(): Promise<AuditVerdict> {
    const head = await this.#db.selectFrom("auditHead").selectAll().executeTakeFirstOrThrow();
    let sequence = 0;
    let lastHash = "";
    const brokenAt = (broken: number, why: string): AuditVerdict => ({
      rowsChecked: sequence,
      lastHash,
      broken: { sequence: broken, why },
    });
    while (sequence < head.sequence) {
      const page = await this.#page(sequence, head.sequence);
      if (page.length === 0) return brokenAt(sequence + 1, "the row is missing");
      for (const row of page) {
        if (row.sequence !== sequence + 1) return brokenAt(sequence + 1, "the row is missing");
        if (row.hash !== hashOf(lastHash, row))
          return brokenAt(row.sequence, "the row was altered, or the one before it replaced");
        sequence = row.sequence;
        lastHash = row.hash;
      }
    }
    if (lastHash !== head.hash) return brokenAt(sequence, "the newest row is not the one that was written");
    return { rowsChecked: sequence, lastHash, broken: null };
  }

  #page(afterSequence: number, lastSequence: number): Promise<StoredRow[]> {
    return this.#db
      .selectFrom("auditRows")
      .selectAll()
      .where("sequence", ">", afterSequence)
      .where("sequence", "<=", lastSequence)
      .orderBy("sequence")
      .limit(rowsPerPage)
      .execute();
  }
}

function toStored(entry: AuditEntry, sequence: number, atMs: number): Omit<StoredRow, "hash"> {
  return {
    sequence,
    atMs,
    actor: fit(entry.actor, 255),
    action: fit(entry.action, 64),
    target: fit(entry.target, 255),
    appId: entry.appId === null ? null : fit(entry.appId, 64),
    address: entry.address === null ? null : fit(entry.address, 64),
    before: toJson(entry.before),
    after: toJson(entry.after),
  };
}

function toAuditRow({ before, after, ...row }: StoredRow): AuditRow {
  return {
    ...row,
    before: before === null ? null : JSON.parse(before),
    after: after === null ? null : JSON.parse(after),
  };
}

/** Over the JSON as it is stored, in a fixed order, so that the same row always hashes the same. */
function hashOf(previousHash: string, row: Omit<StoredRow, "hash">): string {
  const { sequence, atMs, actor, action, target, appId, address, before, after } = row;
  const fields = [previousHash, sequence, atMs, actor, action, target, appId, address, before, after];
  return createHash("sha256").update(JSON.stringify(fields)).digest("hex");
}

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** Text that comes back from every database as it went in: no longer than its column, no lone surrogate, no NUL. */
function fit(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replaceAll("\0", "\uFFFD").toWellFormed();
}
