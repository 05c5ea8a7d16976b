/** The audit log in memory, without its hashes, for tests. */
import type {
  AuditEntry,
  AuditFilter,
  AuditLog,
  AuditRow,
  AuditVerdict,
} from "../../src/core/ports/audit-log.ts";

export class MemoryAuditLog implements AuditLog {
  readonly rows: AuditRow[] = [];

  async append(entry: AuditEntry): Promise<AuditRow> {
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
      .reverse()
      .slice(0, limit);
  }

  async verify(): Promise<AuditVerdict> {
    return { rowsChecked: this.rows.length, lastHash: this.rows.at(-1)?.hash ?? "", broken: null };
  }
}
