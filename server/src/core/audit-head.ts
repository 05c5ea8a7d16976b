/** Where the audit log ends, as a text that can be kept elsewhere: `120:9f2c…`, the newest entry's number and hash. */

export interface AuditHead {
  /** 0 where there is no entry. */
  readonly sequence: number;
  /** Lower-case hex; empty where there is no entry. */
  readonly hash: string;
}

export function headText({ sequence, hash }: AuditHead): string {
  return `${sequence}:${hash}`;
}

/** Null where the text is no such head. */
export function parseHead(text: string): AuditHead | null {
  const [, digits = "", hash = ""] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return hash === "" ? null : { sequence: Number(digits), hash };
}
