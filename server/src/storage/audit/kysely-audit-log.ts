/** The audit log in a database. */
import { sql } from "kysely";
import type { ActorKind } from "../../core/actor.ts";
import type { AuditHead } from "../../core/audit-head.ts";
import type {
  AuditEntry,
  AuditFilter,
  AuditLog,
  AuditRow,
  AuditVerdict,
} from "../../core/ports/audit-log.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { atomically } from "../database/atomically.ts";
import type { Database } from "../database/schema.ts";
import type { AuditKey } from "../keys/audit-key.ts";
import { appendRow, toStoredEntry, verifiedHead } from "./append-audit-row.ts";
import type { StoredRow } from "./audit-chain.ts";
import { readHead } from "./audit-turn.ts";
import { removeAuditRows } from "./remove-audit-rows.ts";
import { verifyAudit } from "./verify-audit.ts";

export class KyselyAuditLog implements AuditLog {
  readonly #db: Database;
  readonly #key: Pick<AuditKey, "load">;
  readonly #clock: Pick<Clock, "now">;

  /** @param db may be a transaction if the key was loaded before it began */
  constructor(db: Database, key: Pick<AuditKey, "load">, clock: Pick<Clock, "now">) {
    this.#db = db;
    this.#key = key;
    this.#clock = clock;
  }

  async append(entry: AuditEntry): Promise<AuditRow> {
    const key = await this.#key.load();
    const nowMs = this.#clock.now();
    const stored = toStoredEntry(entry, nowMs);
    const { row } = await atomically(this.#db, async (transaction) =>
      appendRow(transaction, await verifiedHead(transaction, key, nowMs), stored, key),
    );
    return toAuditRow(row);
  }

  async query(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditRow[]> {
    let select = this.#db.selectFrom("auditRows").selectAll().orderBy("sequence", "desc").limit(limit);
    if (beforeSequence !== null) select = select.where("sequence", "<", beforeSequence);
    if (filter.actorKind !== undefined) select = select.where("actorKind", "=", filter.actorKind);
    if (filter.actor !== undefined) select = select.where("actor", "=", filter.actor);
    if (filter.action !== undefined) select = select.where("action", "=", filter.action);
    if (filter.appId !== undefined) select = select.where("appId", "=", filter.appId);
    const { search } = filter;
    if (search !== undefined)
      select = select.where(({ or }) => or(searchedColumns.map((column) => contains(column, search))));
    if (filter.fromMs !== undefined) select = select.where("atMs", ">=", filter.fromMs);
    if (filter.toMs !== undefined) select = select.where("atMs", "<", filter.toMs);
    return (await select.execute()).map(toAuditRow);
  }

  async head(): Promise<AuditHead> {
    const { sequence, hash } = await readHead(this.#db);
    return { sequence, hash };
  }

  async verify(expected: AuditHead | null): Promise<AuditVerdict> {
    return verifyAudit(this.#db, await this.#key.load(), expected);
  }

  async removeBefore(beforeMs: number): Promise<number> {
    return removeAuditRows(this.#db, await this.#key.load(), { beforeMs, nowMs: this.#clock.now() });
  }
}

const searchedColumns = ["action", "target", "actor", "address"] as const;

/** Matches the text literally: `%` and `_` are ordinary characters. */
function contains(column: (typeof searchedColumns)[number], text: string) {
  const pattern = `%${text.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
  return sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '!'`;
}

function toAuditRow({ actorKind, before, after, ...row }: StoredRow): AuditRow {
  return {
    ...row,
    actorKind: actorKind as ActorKind | null,
    before: before === null ? null : JSON.parse(before),
    after: after === null ? null : JSON.parse(after),
  };
}
