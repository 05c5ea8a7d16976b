/** Deletes deliveries that are finished and old, beyond number, or of no webhook any more. */
import type { Retention } from "../core/ports/webhook-outbox.ts";
import type { Database } from "./schema.ts";
import { finished } from "./webhook-rows.ts";

/** Answers how many. */
export async function sweepDeliveries(
  db: Database,
  { deliveredBeforeMs, deadBeforeMs, keptPerWebhookMax }: Retention,
): Promise<number> {
  const table = db.deleteFrom("webhookDeliveries");
  const old = await table
    .where(({ and, or, eb }) =>
      or([
        and([eb("state", "=", "delivered"), eb("attemptedAtMs", "<", deliveredBeforeMs)]),
        and([eb("state", "=", "dead"), eb("attemptedAtMs", "<", deadBeforeMs)]),
      ]),
    )
    .executeTakeFirst();
  const orphans = await table
    .where("webhookId", "not in", (eb) => eb.selectFrom("webhooks").select("id"))
    .executeTakeFirst();
  let deleted = Number(old.numDeletedRows + orphans.numDeletedRows);
  for (const webhookId of await webhooksKeepingMoreThan(db, keptPerWebhookMax))
    deleted += await trim(db, webhookId, keptPerWebhookMax);
  return deleted;
}

async function webhooksKeepingMoreThan(db: Database, max: number): Promise<string[]> {
  const rows = await db
    .selectFrom("webhookDeliveries")
    .select("webhookId")
    .where("state", "in", finished)
    .groupBy("webhookId")
    .having(({ fn }) => fn.countAll(), ">", max)
    .execute();
  return rows.map(({ webhookId }) => webhookId);
}

async function trim(db: Database, webhookId: string, keptMax: number): Promise<number> {
  const newestToGo = await db
    .selectFrom("webhookDeliveries")
    .select("sequence")
    .where("webhookId", "=", webhookId)
    .where("state", "in", finished)
    .orderBy("sequence", "desc")
    .offset(keptMax)
    .limit(1)
    .executeTakeFirst();
  if (newestToGo === undefined) return 0;
  const { numDeletedRows } = await db
    .deleteFrom("webhookDeliveries")
    .where("webhookId", "=", webhookId)
    .where("state", "in", finished)
    .where("sequence", "<=", newestToGo.sequence)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
