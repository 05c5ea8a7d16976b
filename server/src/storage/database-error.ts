/** What a driver's error means, whichever driver it is. */

const uniqueCodes = new Set([
  "23505",
  "ER_DUP_ENTRY",
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
]);

const deadlockCodes = new Set(["40P01", "40001", "ER_LOCK_DEADLOCK", "ER_CHECKREAD"]);

export function isUniqueViolation(error: unknown): boolean {
  return uniqueCodes.has(codeOf(error));
}

/** The database chose this transaction to give way to another: nothing of it was kept. */
export function isDeadlock(error: unknown): boolean {
  return deadlockCodes.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
