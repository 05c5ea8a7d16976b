/** Who did what, when, from where, and what it changed. Append-only, each row chained to the one before by a hash. */

export interface AuditEntry {
  /** A person's e-mail, a token's name, `cli` or `environment`. */
  readonly actor: string;
  /** As `secret.rotate`. */
  readonly action: string;
  /** What it was done to, as `app 1` or `token 7f3a`. */
  readonly target: string;
  readonly appId: string | null;
  /** The IP address it came from. */
  readonly address: string | null;
  /** What JSON can say, secrets already redacted by the caller; null where there was or is nothing. */
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditRow extends AuditEntry {
  /** 1, 2, 3 … without a gap. */
  readonly sequence: number;
  readonly atMs: number;
  /** SHA-256, lower-case hex, of the previous row's hash and everything in this row. */
  readonly hash: string;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly appId?: string;
  /** Included. */
  readonly fromMs?: number;
  /** Not included. */
  readonly toMs?: number;
}

export interface AuditVerdict {
  /** How many rows were found good, from the first on. */
  readonly rowsChecked: number;
  /** The hash of the last good row. Kept elsewhere, it proves later that nothing up to it was rewritten. */
  readonly lastHash: string;
  /** The first row that is missing or altered, and how; null where the chain is whole. */
  readonly broken: { readonly sequence: number; readonly why: string } | null;
}

export interface AuditLog {
  /** Atomic: several processes may append at once. Text beyond a column's length is cut. */
  append(entry: AuditEntry): Promise<AuditRow>;
  /** Newest first. @param beforeSequence the last row of the page before, or null for the first page */
  query(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditRow[]>;
  /** Reads every row, a page at a time, up to the newest one there was when it began. */
  verify(): Promise<AuditVerdict>;
}
