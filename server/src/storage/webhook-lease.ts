/** Which node delivers webhooks: one row that all nodes share. */
import { LeaseLost, type LeaseRequest } from "../core/ports/webhook-outbox.ts";
import { type DatabaseClock, readClock } from "./database-clock.ts";
import { databaseType } from "./open-database.ts";
import type { DatabaseTransaction } from "./schema.ts";

/** Answers the token, or null while another node has the lease. */
export async function takeLease(
  transaction: DatabaseTransaction,
  clock: DatabaseClock,
  { nodeId, token, durationMs }: LeaseRequest,
): Promise<number | null> {
  const held = await lockLease(transaction);
  const nowMs = await readClock(transaction, clock);
  const isOurs = held.leasedBy === nodeId && (token === null || held.leaseToken === token);
  // A lease that ends later than a new one would was taken before the clock was set back.
  const isOver = held.leasedUntilMs <= nowMs || held.leasedUntilMs > nowMs + durationMs;
  if (!isOurs && !isOver) return null;
  const leaseToken = isOurs && token !== null ? token : held.leaseToken + 1;
  await transaction
    .updateTable("webhookState")
    .set({ leasedBy: nodeId, leasedUntilMs: nowMs + durationMs, leaseToken })
    .execute();
  return leaseToken;
}

/**
 * Nobody takes the lease over before this transaction ends. It is the first lock that a transaction takes.
 * @throws LeaseLost where somebody has
 */
export async function keepLease(transaction: DatabaseTransaction, token: number): Promise<void> {
  const { leaseToken } = await lockLease(transaction);
  if (leaseToken !== token) throw new LeaseLost("Another node has taken over the delivery of webhooks");
}

function lockLease(transaction: DatabaseTransaction) {
  const select = transaction.selectFrom("webhookState").select(["leasedBy", "leasedUntilMs", "leaseToken"]);
  // SQLite has no such clause, and one transaction that writes at a time.
  const lock = databaseType(transaction) === "sqlite" ? select : select.forUpdate();
  return lock.executeTakeFirstOrThrow();
}
