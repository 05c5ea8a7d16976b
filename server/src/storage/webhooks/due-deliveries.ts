/** Selects the deliveries that may be sent now. A lane is closed while one of its deliveries waits for its next attempt. */
import { sql } from "kysely";
import type { DueDelivery } from "../../core/ports/webhook-outbox.ts";
import type { DatabaseClock } from "../database/database-clock.ts";
import { databaseType } from "../database/open-database.ts";
import type { Database } from "../database/schema.ts";

export interface DueQuery {
  readonly webhookId: string;
  /** Null if the whole webhook is one lane. */
  readonly exceptChannels: readonly string[] | null;
  readonly limit: number;
}

/** An index alone finds the due deliveries, even if many others are in closed lanes; only due rows are read in full. */
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
  const open = await db
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
    .limit(limit)
    .execute();
  if (open.length === 0) return [];
  const sequences = open.map(({ sequence }) => sequence);
  return db
    .selectFrom("webhookDeliveries")
    .select(["id", "sequence", "channel", "messageId", "attempts"])
    .where("sequence", "in", sequences)
    .orderBy("sequence")
    .execute();
}

/** Jumps from one webhook to the next in the index. */
export async function webhooksWithPending(db: Database): Promise<string[]> {
  if (databaseType(db) === "mysql") return jumpByQueries(db);
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

/** For MariaDB, which would scan the whole index for the query above. */
async function jumpByQueries(db: Database): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const next = await db
      .selectFrom("webhookDeliveries")
      .select("webhookId")
      .where("state", "=", "pending")
      .where("webhookId", ">", found.at(-1) ?? "")
      .orderBy("webhookId")
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) return found;
    found.push(next.webhookId);
  }
}
