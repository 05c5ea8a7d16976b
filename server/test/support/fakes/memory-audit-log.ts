/** The audit log in memory, without its hashes, for tests. */
import type { AuditHead } from "../../../src/core/audit-head.ts";
import type {
  AuditEntry,
  AuditFilter,
  AuditLog,
  AuditRow,
  AuditVerdict,
} from "../../../src/core/ports/audit-log.ts";

export class MemoryAuditLog implements AuditLog {
  readonly rows: AuditRow[] = [];

  /** If set, every append fails with it. */
  problem: Error | null = null;

  async append(entry: AuditEntry): Promise<AuditRow> {
    if (this.problem !== null) throw this.problem;
    const row = { ...entry, sequence: this.rows.length + 1, atMs: 0, hash: "0".repeat(64) };
    this.rows.push(row);
    return row;
  }

  async query(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditRow[]> {
    return this.rows
      .filter(({ sequence }) => beforeSequence === null || sequence < beforeSequence)
      .filter(({ actor }) => filter.actor === undefined || filter.actor === actor)
      .filter(({ action }) => filter.action === undefined || filter.action === action)
      .filter(({ appId }) => filter.appId === undefined || filter.appId === appId)
      .filter(({ action, target, actor, address }) =>
        [action, target, actor, address ?? ""].some((text) =>
          text.toLowerCase().includes(filter.search?.toLowerCase() ?? ""),
        ),
      )
      .reverse()
      .slice(0, limit);
  }

  async head(): Promise<AuditHead> {
    return { sequence: this.rows.length, hash: this.rows.at(-1)?.hash ?? "" };
  }

  async verify(expected: AuditHead | null): Promise<AuditVerdict> {
    const found = expected === null ? null : "found";
    const rest = { removedUpTo: 0, broken: null, expected: found } as const;
    return { rowsChecked: this.rows.length, head: await this.head(), ...rest };
  }

  async removeBefore(): Promise<number> {
    return 0;
  }
}
