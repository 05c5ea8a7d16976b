/** How long the database servers are waited for. SQLite's limits are in sqlite.ts and atomically.ts. */

export const connectionsMax = 10;
export const connectTimeoutMs = 5_000;
/** A server whose machine vanished is noticed by its silence. */
export const keepAliveAfterMs = 10_000;
/** The server itself ends a statement that takes longer. */
export const statementMs = 30_000;
/** The same for one that waits for another's lock. */
export const lockWaitMs = 10_000;
/** A transaction whose process was frozen lets go of its locks. */
export const idleTransactionMs = 60_000;
/** Where the server does not even end the statement, it is mute, and the connection is given up. */
export const answerMs = statementMs + 5_000;
