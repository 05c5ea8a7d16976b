/** Departures that may yet be undone, as rows. */
import type { Turn } from "../core/ports/webhook-outbox.ts";
import type { DatabaseTransaction, Schema } from "./schema.ts";
import { slices } from "./slices.ts";

/**
 * Waits until no other node writes events or departures, and keeps them waiting until the transaction ends. So rows get
 * their order in the order in which transactions end, and nodes that change the same departures cannot deadlock.
 * Answers the position before the first of so many departures.
 */
export async function lockWrites(transaction: DatabaseTransaction, departures: number): Promise<number> {
  await transaction
    .updateTable("webhookOrder")
    .set((eb) => ({ departures: eb("departures", "+", departures) }))
    .execute();
  const order = await transaction.selectFrom("webhookOrder").select("departures").executeTakeFirstOrThrow();
  return order.departures - departures;
}

/** The revisions of the pending departures, by key. The caller holds the lock of writes. */
export async function pendingDepartures(
  transaction: DatabaseTransaction,
  turns: readonly Turn[],
): Promise<Map<string, number>> {
  const pending = new Map<string, number>();
  for (const some of slices(keysOf(turns))) {
    const found = await transaction
      .selectFrom("webhookDepartures")
      .select(["key", "revision"])
      .where("key", "in", some)
      .execute();
    for (const { key, revision } of found) pending.set(key, revision);
  }
  return pending;
}

export async function deleteDepartures(
  transaction: DatabaseTransaction,
  turns: readonly Turn[],
): Promise<void> {
  for (const some of slices(keysOf(turns)))
    await transaction.deleteFrom("webhookDepartures").where("key", "in", some).execute();
}

function keysOf(turns: readonly Turn[]): string[] {
  return [...new Set(turns.map(({ key }) => key))].sort();
}

export async function insertDepartures(
  transaction: DatabaseTransaction,
  rows: readonly Schema["webhookDepartures"][],
): Promise<void> {
  for (const some of slices(rows)) await transaction.insertInto("webhookDepartures").values(some).execute();
}
