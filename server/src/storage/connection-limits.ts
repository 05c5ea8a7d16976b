/** Time limits for database servers. SQLite's limits are in sqlite.ts and atomically.ts. */

export const connectionsMax = 10;
export const connectTimeoutMs = 5_000;
/** Detects a server whose machine disappeared. */
export const keepAliveAfterMs = 10_000;

/** In milliseconds; 0: no limit. */
export interface TimeLimits {
  /** The server ends a statement that takes longer. MySQL ends only reading statements. */
  readonly statementMs: number;
  /** The same for one that waits for another's lock. MySQL counts in seconds. */
  readonly lockWaitMs: number;
  /** A transaction whose process stands still lets go of its locks. MariaDB counts in seconds; MySQL has no such limit. */
  readonly idleTransactionMs: number;
  /** Where the server does not even end the statement, it is mute, and the connection is given up. */
  readonly answerMs: number;
}

export const usualTimeLimits: TimeLimits = {
  statementMs: 30_000,
  lockWaitMs: 10_000,
  idleTransactionMs: 60_000,
  answerMs: 35_000,
};

/** No limits for migrations, because an index on a large table may take long. */
export const noTimeLimits: TimeLimits = { statementMs: 0, lockWaitMs: 0, idleTransactionMs: 0, answerMs: 0 };
