/** Classifies the errors of all database drivers. */
import { errorCode } from "../../core/error-code.ts";

const uniqueCodes = new Set([
  "23505",
  "ER_DUP_ENTRY",
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
]);

const orphanCodes = new Set(["23503", "ER_NO_REFERENCED_ROW_2", "SQLITE_CONSTRAINT_FOREIGNKEY"]);

const alreadyDoneCodes = new Set([
  "ER_DUP_KEYNAME",
  "ER_DUP_FIELDNAME",
  "ER_FK_DUP_NAME",
  "ER_CANT_DROP_FIELD_OR_KEY",
  "ER_BAD_TABLE_ERROR",
]);

/** PostgreSQL: a deadlock, a serialization failure. MySQL and MariaDB: a deadlock, a row that changed since it was read. */
const conflictCodes = new Set(["40P01", "40001", "ER_LOCK_DEADLOCK", "ER_CHECKREAD"]);
/** SQLite's codes have endings, such as `SQLITE_BUSY_SNAPSHOT`. */
const conflictInSqlite = /^SQLITE_BUSY(_|$)/;

const unreachableCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "57P01", // PostgreSQL: admin_shutdown
  "57P02", // PostgreSQL: crash_shutdown
  "57P03", // PostgreSQL: cannot_connect_now
  "53300", // PostgreSQL: too_many_connections
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "ER_SERVER_SHUTDOWN",
  "ER_CON_COUNT_ERROR",
]);

/** Messages of the PostgreSQL driver's errors that have no code. */
const unreachableText = /timeout exceeded when trying to connect|connection terminated|query read timeout/i;

/** The disk is full or read-only, or another process kept a lock too long. SQLite's codes have endings, such as `SQLITE_IOERR_WRITE`. */
const unwritableCodes = new Set([
  "53100", // PostgreSQL: disk_full
  "25006", // PostgreSQL: read_only_sql_transaction
  "55P03", // PostgreSQL: lock_not_available
  "ER_DISK_FULL",
  "ER_RECORD_FILE_FULL",
  "ER_OPTION_PREVENTS_STATEMENT",
  "ER_LOCK_WAIT_TIMEOUT",
]);
const unwritableInSqlite = /^SQLITE_(BUSY|LOCKED|FULL|READONLY|IOERR|CANTOPEN)(_|$)/;

/** The database accepts no change now, but may later. */
export function isUnwritable(error: unknown): boolean {
  const code = errorCode(error);
  return unwritableCodes.has(code) || unwritableInSqlite.test(code);
}

/** MySQL: the index, column or constraint exists already, or was dropped already. */
export function isAlreadyDone(error: unknown): boolean {
  return alreadyDoneCodes.has(errorCode(error));
}

/** SQLite: the file is damaged, or is not a database. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)(_|$)/.test(errorCode(error));
}

/** The row refers to a row that does not exist. */
export function isOrphan(error: unknown): boolean {
  return orphanCodes.has(errorCode(error));
}

export function isUniqueViolation(error: unknown): boolean {
  return uniqueCodes.has(errorCode(error));
}

/** Another transaction conflicted, and the database kept no change of this one: it may run again. */
export function isConflict(error: unknown): boolean {
  const code = errorCode(error);
  return conflictCodes.has(code) || conflictInSqlite.test(code);
}

/** The database is unreachable now, but may be reachable later; it did not refuse the request. */
export function isUnreachable(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== "") return unreachableCodes.has(code) || code.startsWith("08");
  return error instanceof Error && unreachableText.test(error.message);
}

/** The server did not answer in time, but may answer later: the connection must not be used again. */
export function isMute(error: Error): boolean {
  return errorCode(error) === "PROTOCOL_SEQUENCE_TIMEOUT" || /^query read timeout$/i.test(error.message);
}
