/** The outbox of webhooks in a database. */
import {
  type Attempt,
  type Backlog,
  type DeliveryRecord,
  type DeliveryState,
  type Departure,
  type Lane,
  type NewDelivery,
  OutboxContention,
  type OutboxWrite,
  type Outcome,
  type PendingDelivery,
  type PlanMax,
  type Retention,
  type Tally,
  type WebhookOutbox,
} from "../core/ports/webhook-outbox.ts";
import { atomically } from "./atomically.ts";
import { bringForward } from "./bring-forward.ts";
import type { Database, DatabaseTransaction } from "./schema.ts";
import { sweepDeliveries } from "./sweep-deliveries.ts";
import { attemptColumns, finished, toDeliveryRecord, toNewRow, toPending } from "./webhook-rows.ts";

const rowsPerStatementMax = 200;

export class KyselyWebhookOutbox implements WebhookOutbox {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async write({ deliveries, returns, departures }: OutboxWrite): Promise<void> {
    await atomically(this.#db, async (transaction) => {
      const undone = await takeDepartures(transaction, returns);
      // Another node may know of an older departure of the same: one is enough.
      await takeDepartures(
        transaction,
        departures.map(({ key }) => key),
      );
      const kept = deliveries.filter(({ returnOf }) => returnOf === null || !undone.has(returnOf));
      await insertDeliveries(transaction, kept);
      for (const some of slices(departures))
        await transaction.insertInto("webhookDepartures").values(some).execute();
    });
  }

  async dueDepartures(nowMs: number, limit: number): Promise<Departure[]> {
    return this.#db
      .selectFrom("webhookDepartures")
      .selectAll()
      .where("dueAtMs", "<=", nowMs)
      .orderBy("dueAtMs")
      .orderBy("key")
      .limit(limit)
      .execute();
  }

  async release(departureKeys: readonly string[], deliveries: readonly NewDelivery[]): Promise<void> {
    await atomically(this.#db, async (transaction) => {
      const taken = await takeDepartures(transaction, departureKeys);
      if (taken.size < departureKeys.length) throw new OutboxContention("A departure was undone meanwhile");
      await insertDeliveries(transaction, deliveries);
    });
  }

  async due(webhookId: string, nowMs: number, limit: number): Promise<PendingDelivery[]> {
    const rows = await this.#db
      .selectFrom("webhookDeliveries")
      .selectAll()
      .where("state", "=", "pending")
      .where("webhookId", "=", webhookId)
      .where("dueAtMs", "<=", nowMs)
      .orderBy("sequence")
      .limit(limit)
      .execute();
    return rows.map(toPending);
  }

  async group(deliveryIds: readonly string[], messageId: string): Promise<void> {
    await atomically(this.#db, async (transaction) => {
      for (const some of slices(deliveryIds))
        await transaction
          .updateTable("webhookDeliveries")
          .set({ messageId })
          .where("id", "in", some)
          .execute();
    });
  }

  async message(messageId: string): Promise<PendingDelivery[]> {
    const rows = await this.#db
      .selectFrom("webhookDeliveries")
      .selectAll()
      .where("messageId", "=", messageId)
      .where("state", "=", "pending")
      .orderBy("sequence")
      .execute();
    return rows.map(toPending);
  }

  async record(outcomes: readonly Outcome[]): Promise<void> {
    await atomically(this.#db, async (transaction) => {
      for (const { deliveryIds, state, attempt, retry } of outcomes) {
        for (const some of slices(deliveryIds))
          await transaction
            .updateTable("webhookDeliveries")
            .set((eb) => ({ ...attemptColumns(attempt), state, attempts: eb("attempts", "+", 1) }))
            .where("id", "in", some)
            .execute();
        if (retry !== null) await postpone(transaction, retry.lane, retry.atMs);
      }
    });
  }

  async postpone(lane: Lane, untilMs: number): Promise<void> {
    await postpone(this.#db, lane, untilMs);
  }

  async expire(webhookId: string, queuedBeforeMs: number, attempt: Attempt): Promise<number> {
    const { numUpdatedRows } = await this.#db
      .updateTable("webhookDeliveries")
      .set(({ fn, val }) => ({
        state: "dead",
        attemptedAtMs: fn.coalesce("attemptedAtMs", val(attempt.atMs)),
        durationMs: fn.coalesce("durationMs", val(attempt.durationMs)),
        answer: fn.coalesce("answer", val(attempt.answer)),
      }))
      .where("state", "=", "pending")
      .where("webhookId", "=", webhookId)
      .where("queuedAtMs", "<", queuedBeforeMs)
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }

  async backlog(): Promise<Backlog[]> {
    return this.#db
      .selectFrom("webhookDeliveries")
      .select(({ fn }) => [
        "webhookId",
        fn.countAll<number>().as("pending"),
        fn.min<number>("createdAtMs").as("oldestAtMs"),
        fn.min<number>("dueAtMs").as("nextDueAtMs"),
      ])
      .where("state", "=", "pending")
      .groupBy("webhookId")
      .execute();
  }

  async tally(webhookId: string): Promise<Tally> {
    const counts = await this.#db
      .selectFrom("webhookDeliveries")
      .select(({ fn }) => [
        "state",
        fn.countAll<number>().as("count"),
        fn.min<number>("createdAtMs").as("oldestAtMs"),
        fn.min<number>("dueAtMs").as("nextDueAtMs"),
      ])
      .where("state", "in", ["pending", "dead"])
      .where("webhookId", "=", webhookId)
      .groupBy("state")
      .execute();
    const [lastDelivered] = await this.history(webhookId, { state: "delivered", beforeSequence: null }, 1);
    const pending = counts.find(({ state }) => state === "pending");
    return {
      webhookId,
      waiting: pending?.count ?? 0,
      waitingSinceMs: pending?.oldestAtMs ?? null,
      nextDueAtMs: pending?.nextDueAtMs ?? null,
      givenUp: counts.find(({ state }) => state === "dead")?.count ?? 0,
      lastDeliveredAtMs: lastDelivered?.lastAttempt?.atMs ?? null,
    };
  }

  async history(
    webhookId: string,
    filter: { readonly state: DeliveryState | null; readonly beforeSequence: number | null },
    limit: number,
  ): Promise<DeliveryRecord[]> {
    let select = this.#db
      .selectFrom("webhookDeliveries")
      .selectAll()
      .where("webhookId", "=", webhookId)
      .orderBy("sequence", "desc")
      .limit(limit);
    if (filter.state !== null) select = select.where("state", "=", filter.state);
    if (filter.beforeSequence !== null) select = select.where("sequence", "<", filter.beforeSequence);
    return (await select.execute()).map(toDeliveryRecord);
  }

  async replay(webhookId: string, deliveryId: string, nowMs: number): Promise<boolean> {
    return atomically(this.#db, async (transaction) => {
      const asked = await transaction
        .selectFrom("webhookDeliveries")
        .select("messageId")
        .where("id", "=", deliveryId)
        .where("webhookId", "=", webhookId)
        .where("state", "in", finished)
        .executeTakeFirst();
      if (asked === undefined) return false;
      await transaction
        .updateTable("webhookDeliveries")
        .set({ state: "pending", attempts: 0, queuedAtMs: nowMs, dueAtMs: nowMs })
        .where("webhookId", "=", webhookId)
        .where("state", "in", finished)
        .where((eb) =>
          asked.messageId === null ? eb("id", "=", deliveryId) : eb("messageId", "=", asked.messageId),
        )
        .execute();
      return true;
    });
  }

  bringForward(to: PlanMax): Promise<void> {
    return bringForward(this.#db, to);
  }

  sweep(retention: Retention): Promise<number> {
    return sweepDeliveries(this.#db, retention);
  }

  async lease(nodeId: string, nowMs: number, untilMs: number): Promise<boolean> {
    await this.#db
      .updateTable("webhookState")
      .set({ leasedBy: nodeId, leasedUntilMs: untilMs })
      .where(({ or, eb }) => or([eb("leasedBy", "=", nodeId), eb("leasedUntilMs", "<=", nowMs)]))
      .execute();
    const { leasedBy } = await this.#db
      .selectFrom("webhookState")
      .select("leasedBy")
      .executeTakeFirstOrThrow();
    return leasedBy === nodeId;
  }

  async endLease(nodeId: string): Promise<void> {
    await this.#db
      .updateTable("webhookState")
      .set({ leasedUntilMs: 0 })
      .where("leasedBy", "=", nodeId)
      .execute();
  }
}

/** Deletes those that are there and answers which they were. */
async function takeDepartures(
  transaction: DatabaseTransaction,
  keys: readonly string[],
): Promise<Set<string>> {
  const taken = new Set<string>();
  for (const some of slices(keys)) {
    const found = await transaction
      .selectFrom("webhookDepartures")
      .select("key")
      .where("key", "in", some)
      .execute();
    if (found.length === 0) continue;
    const { numDeletedRows } = await transaction
      .deleteFrom("webhookDepartures")
      .where("key", "in", some)
      .executeTakeFirst();
    if (Number(numDeletedRows) !== found.length)
      throw new OutboxContention("Another node took the same departures");
    for (const { key } of found) taken.add(key);
  }
  return taken;
}

async function insertDeliveries(
  transaction: DatabaseTransaction,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  for (const some of slices(deliveries)) {
    await transaction.insertInto("webhookDeliveries").values(some.map(toNewRow)).execute();
  }
}

async function postpone(db: Database, { webhookId, channel }: Lane, untilMs: number): Promise<void> {
  let update = db
    .updateTable("webhookDeliveries")
    .set({ dueAtMs: untilMs })
    .where("state", "=", "pending")
    .where("webhookId", "=", webhookId)
    .where("dueAtMs", "<", untilMs);
  if (channel !== null) update = update.where("channel", "=", channel);
  await update.execute();
}

function* slices<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let start = 0; start < items.length; start += rowsPerStatementMax)
    yield items.slice(start, start + rowsPerStatementMax);
}
