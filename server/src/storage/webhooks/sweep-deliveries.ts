/** Deletes finished deliveries that are old or exceed the maximum, and deliveries of deleted webhooks. */
import type { Retention } from "../../core/ports/webhook-outbox.ts";
import type { DatabaseTransaction } from "../database/schema.ts";
import { finished } from "./webhook-rows.ts";

/** Small, so that a transaction holds neither the lease nor the SQLite file for long. */
const rowsPerTransactionMax = 500;

export type InTransaction = <Result>(
  change: (transaction: DatabaseTransaction) => Promise<Result>,
) => Promise<Result>;

/** Finds deliveries to delete, at most `rowsPerTransactionMax`. */
type Find = (transaction: DatabaseTransaction) => Promise<{ readonly sequence: number }[]>;

/** Returns the number of deleted deliveries. */
export async function sweepDeliveries(
  inTransaction: InTransaction,
  { deliveredBeforeMs, deadBeforeMs, keptPerWebhookMax }: Retention,
): Promise<number> {
  let deleted = 0;
  const deleteAll = async (find: Find) => {
    for (;;) {
      const count = await inTransaction((transaction) => deleteSome(transaction, find));
      deleted += count;
      if (count < rowsPerTransactionMax) return;
    }
  };
  await deleteAll(olderThan("delivered", deliveredBeforeMs));
  await deleteAll(olderThan("dead", deadBeforeMs));
  await deleteAll(ofDeletedWebhooks);
  const full = await inTransaction((transaction) => webhooksKeepingMoreThan(transaction, keptPerWebhookMax));
  for (const webhookId of full) await deleteAll(beyond(webhookId, keptPerWebhookMax));
  return deleted;
}

async function deleteSome(transaction: DatabaseTransaction, find: Find): Promise<number> {
  const sequences = (await find(transaction)).map(({ sequence }) => sequence);
  if (sequences.length > 0)
    await transaction.deleteFrom("webhookDeliveries").where("sequence", "in", sequences).execute();
  return sequences.length;
}

function olderThan(state: (typeof finished)[number], beforeMs: number): Find {
  return (transaction) =>
    select(transaction).where("state", "=", state).where("attemptedAtMs", "<", beforeMs).execute();
}

const ofDeletedWebhooks: Find = (transaction) =>
  select(transaction)
    .where("webhookId", "not in", (eb) => eb.selectFrom("webhooks").select("id"))
    .execute();

function beyond(webhookId: string, keptMax: number): Find {
  return (transaction) =>
    select(transaction)
      .where("webhookId", "=", webhookId)
      .where("state", "in", finished)
      .orderBy("sequence", "desc")
      .offset(keptMax)
      .execute();
}

function select(transaction: DatabaseTransaction) {
  return transaction.selectFrom("webhookDeliveries").select("sequence").limit(rowsPerTransactionMax);
}

async function webhooksKeepingMoreThan(transaction: DatabaseTransaction, max: number): Promise<string[]> {
  const rows = await transaction
    .selectFrom("webhookDeliveries")
    .select("webhookId")
    .where("state", "in", finished)
    .groupBy("webhookId")
    .having(({ fn }) => fn.countAll(), ">", max)
    .execute();
  return rows.map(({ webhookId }) => webhookId);
}
