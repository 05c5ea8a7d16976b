/** The end of the audit log as a text that can be stored elsewhere: `120:9f2c…`, the newest entry's number and hash. */

export interface AuditHead {
  /** 0 if there is no entry. */
  readonly sequence: number;
  /** Lower-case hex; empty if there is no entry. */
  readonly hash: string;
}

export function headText({ sequence, hash }: AuditHead): string {
  return `${sequence}:${hash}`;
}

export const headPattern = /^(\d{1,15}):([0-9a-f]{64})$/;

/** Parses `headText`; null if the text is not valid. */
export function parseHead(text: string): AuditHead | null {
  const [, digits, hash] = headPattern.exec(text) ?? [];
  return hash === undefined ? null : { sequence: Number(digits), hash };
}
