/** Departures that may yet be undone, as rows. */
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

/** Deletes those that are there and answers which they were. The caller holds the lock of writes. */
export async function takeDepartures(
  transaction: DatabaseTransaction,
  keys: Iterable<string>,
): Promise<Set<string>> {
  const taken = new Set<string>();
  for (const some of slices([...new Set(keys)].sort())) {
    const found = await transaction
      .selectFrom("webhookDepartures")
      .select("key")
      .where("key", "in", some)
      .execute();
    for (const { key } of found) taken.add(key);
    await transaction.deleteFrom("webhookDepartures").where("key", "in", some).execute();
  }
  return taken;
}

export async function insertDepartures(
  transaction: DatabaseTransaction,
  rows: readonly Schema["webhookDepartures"][],
): Promise<void> {
  for (const some of slices(rows)) await transaction.insertInto("webhookDepartures").values(some).execute();
}
