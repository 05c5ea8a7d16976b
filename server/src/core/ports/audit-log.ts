/**
 * Records each change: who made it, when, from which address, and the state before and after. Append-only: each row
 * contains a hash that covers the row before it.
 */
import type { ActorKind } from "../actor.ts";
import type { AuditAction } from "../audit-actions.ts";
import type { AuditHead } from "../audit-head.ts";

export interface AuditEntry {
  readonly actorKind: ActorKind;
  /** Of the account or the token; null for the other kinds. */
  readonly actorId: string | null;
  /** A person's e-mail address, a token's name, `cli`, `environment` and the like. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The object of the action, such as `app 1` or `token 7f3a`. */
  readonly target: string;
  readonly appId: string | null;
  /** The IP address that the request came from; null if there was no request. */
  readonly address: string | null;
  /**
   * The state before and after, as JSON values. The caller has redacted secrets. Null if the object did not exist.
   */
  readonly before: unknown;
  readonly after: unknown;
}

export interface AuditRow extends Omit<AuditEntry, "actorKind" | "action"> {
  /** 1, 2, 3 … without a gap. */
  readonly sequence: number;
  readonly atMs: number;
  /** Such as `secret.rotate`. Other releases may have other actions. */
  readonly action: string;
  /** Null in rows of older releases, which did not record it. */
  readonly actorKind: ActorKind | null;
  /**
   * Lower-case hex, over the previous row's hash and all fields of this row. HMAC-SHA256 with a key that the database
   * holds only encrypted; plain SHA-256 in rows of older releases, which had no such key.
   */
  readonly hash: string;
}

export interface AuditFilter {
  readonly actorKind?: ActorKind;
  readonly actor?: string;
  readonly action?: string;
  readonly appId?: string;
  /** A part of the action, the target, the actor or the address. Case-insensitive. */
  readonly search?: string;
  /** Inclusive. */
  readonly fromMs?: number;
  /** Exclusive. */
  readonly toMs?: number;
}

export interface AuditVerdict {
  /** The number of valid rows, counted from the oldest row that is kept. */
  readonly rowsChecked: number;
  /** Store it elsewhere to prove later that no row up to it was altered, replaced or cut off. */
  readonly head: AuditHead;
  /** The sequence of the newest row that was removed for its age; 0 if none was. */
  readonly removedUpTo: number;
  /** The first row that is missing or altered, and why; null if the chain is intact. */
  readonly broken: { readonly sequence: number; readonly why: string } | null;
  /**
   * `found`: the expected head is in the chain. `removed`: its row was removed for its age. Null: no head was
   * expected.
   */
  readonly expected: "found" | "removed" | null;
}

export interface AuditLog {
  /** Atomic: several processes may append concurrently. Text longer than its column is truncated. */
  append(entry: AuditEntry): Promise<AuditRow>;
  /** Newest first. @param beforeSequence the last row of the page before, or null for the first page */
  query(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditRow[]>;
  /** The sequence and hash of the newest row. */
  head(): Promise<AuditHead>;
  /**
   * Reads every row, a page at a time, up to the row that was newest when the call began.
   * @param expected a head that was saved earlier and must be in the chain
   */
  verify(expected: AuditHead | null): Promise<AuditVerdict>;
  /**
   * Removes older rows, oldest first, and appends a row that records it. The remaining rows stay verifiable. An
   * altered row and all rows after it are kept. Returns the number of removed rows.
   */
  removeBefore(beforeMs: number): Promise<number>;
}
