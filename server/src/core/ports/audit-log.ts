/** Who did what, when, from where, and what it changed. Append-only, each row chained to the one before by a hash. */
import type { ActorKind } from "../actor.ts";
import type { AuditHead } from "../audit-head.ts";

export interface AuditEntry {
  readonly actorKind: ActorKind;
  /** Of the account or the token; null for the other kinds. */
  readonly actorId: string | null;
  /** A person's e-mail address, a token's name, `cli`, `environment` and the like. */
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

export interface AuditRow extends Omit<AuditEntry, "actorKind"> {
  /** 1, 2, 3 … without a gap. */
  readonly sequence: number;
  readonly atMs: number;
  /** Null in rows of releases that did not note it. */
  readonly actorKind: ActorKind | null;
  /**
   * Lower-case hex, of the previous row's hash and everything in this row: HMAC-SHA256 under a key that is not in the
   * database as plain text, and plain SHA-256 in rows of releases that had no such key.
   */
  readonly hash: string;
}

export interface AuditFilter {
  readonly actorKind?: ActorKind;
  readonly actor?: string;
  readonly action?: string;
  readonly appId?: string;
  /** Included. */
  readonly fromMs?: number;
  /** Not included. */
  readonly toMs?: number;
}

export interface AuditVerdict {
  /** How many rows were found good, from the first on that is kept. */
  readonly rowsChecked: number;
  /** Kept elsewhere, it proves later that nothing up to it was altered, replaced or cut off. */
  readonly head: AuditHead;
  /** Rows up to this one were removed because of their age; 0 where none was. */
  readonly removedUpTo: number;
  /** The first row that is missing or altered, and how; null where the chain is whole. */
  readonly broken: { readonly sequence: number; readonly why: string } | null;
  /** Whether the expected head is in the chain; `removed` where it is too old to tell, null where none was expected. */
  readonly expected: "found" | "removed" | null;
}

export interface AuditLog {
  /** Atomic: several processes may append at once. Text beyond a column's length is cut. */
  append(entry: AuditEntry): Promise<AuditRow>;
  /** Newest first. @param beforeSequence the last row of the page before, or null for the first page */
  query(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditRow[]>;
  /** Where the log ends now. */
  head(): Promise<AuditHead>;
  /**
   * Reads every row, a page at a time, up to the newest one there was when it began.
   * @param expected a head that was noted earlier, which must be in the chain
   */
  verify(expected: AuditHead | null): Promise<AuditVerdict>;
  /**
   * Removes the rows that are older, the oldest first, and notes that as a row. What is left stays verifiable. Rows
   * that are altered are kept, with all that follow them. Answers how many were removed.
   */
  removeBefore(beforeMs: number): Promise<number>;
}
