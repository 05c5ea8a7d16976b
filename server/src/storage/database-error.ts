/** What a driver's error means, whichever driver it is. */

const uniqueCodes = new Set([
  "23505",
  "ER_DUP_ENTRY",
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
]);

const conflictCodes = new Set(["40P01", "40001", "ER_LOCK_DEADLOCK", "ER_CHECKREAD", "SQLITE_BUSY"]);

export function isUniqueViolation(error: unknown): boolean {
  return uniqueCodes.has(codeOf(error));
}

/** Another transaction was in the way, and nothing of this one was kept: it may be run again. */
export function isConflict(error: unknown): boolean {
  return conflictCodes.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
