/** Which deliveries may go out now. A lane whose delivery waits for its next attempt is closed until then. */
import { sql } from "kysely";
import type { DueDelivery } from "../core/ports/webhook-outbox.ts";
import type { DatabaseClock } from "./database-clock.ts";
import type { Database } from "./schema.ts";

export interface DueQuery {
  readonly webhookId: string;
  /** Null where the whole webhook is one lane. */
  readonly exceptChannels: readonly string[] | null;
  readonly limit: number;
}

/** Row by row an index alone says which they are, however many lie in closed lanes; the few that are left are read. */
export async function dueDeliveries(
  db: Database,
  clock: DatabaseClock,
  { webhookId, exceptChannels, limit }: DueQuery,
): Promise<DueDelivery[]> {
  const waitingForRetry = db
    .selectFrom("webhookDeliveries")
    .select("channel")
    .where("state", "=", "pending")
    .where("webhookId", "=", webhookId)
    .where("dueAtMs", ">", clock());
  const open = db
    .selectFrom("webhookDeliveries")
    .select("sequence")
    .where("state", "=", "pending")
    .where("webhookId", "=", webhookId)
    .where(({ and, eb, not, exists }) => {
      if (exceptChannels === null) return not(exists(waitingForRetry));
      const isOpen = eb("channel", "not in", waitingForRetry);
      return exceptChannels.length === 0 ? isOpen : and([isOpen, eb("channel", "not in", exceptChannels)]);
    })
    .orderBy("sequence")
    .limit(limit);
  return db
    .selectFrom(open.as("open"))
    .innerJoin("webhookDeliveries as d", "d.sequence", "open.sequence")
    .select(["d.id", "d.sequence", "d.channel", "d.messageId", "d.attempts"])
    .orderBy("d.sequence")
    .execute();
}

/** Jumps from one webhook to the next in the index. */
export async function webhooksWithPending(db: Database): Promise<string[]> {
  const deliveries = sql.table("webhookDeliveries");
  const { rows } = await sql<{ webhookId: string }>`
    with recursive found (webhook_id) as (
      select min(webhook_id) from ${deliveries} where state = 'pending'
      union all
      select (select min(d.webhook_id) from ${deliveries} d where d.state = 'pending' and d.webhook_id > found.webhook_id)
      from found where found.webhook_id is not null
    )
    select webhook_id from found where webhook_id is not null`.execute(db);
  return rows.map(({ webhookId }) => webhookId);
}
