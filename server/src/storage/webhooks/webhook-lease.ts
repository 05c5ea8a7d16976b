/** The lease to deliver webhooks: one row that all nodes share. */
import { LeaseLost, type LeaseRequest } from "../../core/ports/webhook-outbox.ts";
import { type DatabaseClock, readClock } from "../database/database-clock.ts";
import { databaseType } from "../database/open-database.ts";
import type { DatabaseTransaction } from "../database/schema.ts";

/** Returns the lease's token, or null while another node has the lease. */
export async function takeLease(
  transaction: DatabaseTransaction,
  clock: DatabaseClock,
  { nodeId, token, durationMs }: LeaseRequest,
): Promise<number | null> {
  const held = await lockLease(transaction);
  const nowMs = await readClock(transaction, clock);
  const isOurs = held.leasedBy === nodeId && (token === null || held.leaseToken === token);
  // A lease that ends later than a new one would was taken before the clock was set back, so it counts as expired.
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
 * Prevents another node from taking over the lease before this transaction ends. Call it before the transaction takes any
 * other lock.
 * @throws LeaseLost if another node has taken it over
 */
export async function keepLease(transaction: DatabaseTransaction, token: number): Promise<void> {
  const { leaseToken } = await lockLease(transaction);
  if (leaseToken !== token) throw new LeaseLost("Another node has taken over the delivery of webhooks");
}

function lockLease(transaction: DatabaseTransaction) {
  const select = transaction.selectFrom("webhookState").select(["leasedBy", "leasedUntilMs", "leaseToken"]);
  // SQLite has no such clause, and allows only one writing transaction at a time.
  const lock = databaseType(transaction) === "sqlite" ? select : select.forUpdate();
  return lock.executeTakeFirstOrThrow();
}
