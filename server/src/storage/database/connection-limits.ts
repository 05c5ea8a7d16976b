/** Time limits for database servers. SQLite's limits are in sqlite.ts and atomically.ts. */

export const connectionsMax = 10;
export const connectTimeoutMs = 5_000;
/** TCP keep-alive after this idle time detects a server whose machine disappeared. */
export const keepAliveAfterMs = 10_000;

/** In milliseconds; 0 means no limit. */
export interface TimeLimits {
  /** The database server cancels a statement that takes longer. MySQL cancels only reading statements. */
  readonly statementMs: number;
  /** The database server cancels a statement that waits longer for a lock. MySQL counts in seconds. */
  readonly lockWaitMs: number;
  /** The database server ends a transaction that is idle for longer, and releases its locks. MariaDB counts in seconds; MySQL has no such limit. */
  readonly idleTransactionMs: number;
  /** The driver drops a connection that does not answer for longer, for a server that hangs and does not cancel the statement. */
  readonly answerMs: number;
}

export const usualTimeLimits: TimeLimits = {
  statementMs: 30_000,
  lockWaitMs: 10_000,
  idleTransactionMs: 60_000,
  answerMs: 35_000,
};

/** For migrations: an index on a large table may take long. */
export const noTimeLimits: TimeLimits = { statementMs: 0, lockWaitMs: 0, idleTransactionMs: 0, answerMs: 0 };
