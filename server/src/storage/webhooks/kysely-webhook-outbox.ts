/** The outbox of webhooks in a database. */
import { sql } from "kysely";
import {
  type Attempt,
  type Backlog,
  type Batch,
  type ClaimedDelivery,
  type DueDelivery,
  type DueDeparture,
  LeaseLost,
  type LeaseRequest,
  type NewDelivery,
  type OutboxWrite,
  type Outcome,
  type Retention,
  type SettledDeparture,
  type WaitsMax,
  type WebhookOutbox,
} from "../../core/ports/webhook-outbox.ts";
import { atomically } from "../database/atomically.ts";
import { type DatabaseClock, databaseClock, readClock } from "../database/database-clock.ts";
import { databaseType } from "../database/open-database.ts";
import type { Database, DatabaseTransaction } from "../database/schema.ts";
import { slices } from "../database/slices.ts";
import { dueDeliveries, webhooksWithPending } from "./due-deliveries.ts";
import { sweepDeliveries } from "./sweep-deliveries.ts";
import {
  deleteDepartures,
  dueDepartures,
  forgetSettled,
  insertDepartures,
  isDropped,
  isLater,
  knownDepartures,
  lockWrites,
  markSettled,
} from "./webhook-departures.ts";
import { keepLease, takeLease } from "./webhook-lease.ts";
import { attemptColumns, firstThatFit, toClaimed, toNewRow } from "./webhook-rows.ts";

export class KyselyWebhookOutbox implements WebhookOutbox {
  readonly #db: Database;
  readonly #clock: DatabaseClock;

  constructor(db: Database, clock: DatabaseClock = databaseClock(db)) {
    this.#db = db;
    this.#clock = clock;
  }

  async write({ deliveries, returns, departures, departureDelayMs }: OutboxWrite): Promise<void> {
    await atomically(this.#db, async (transaction) => {
      const before = await lockWrites(transaction, departures.length);
      const nowMs = await readClock(transaction, this.#clock);
      const known = await knownDepartures(transaction, [...returns, ...departures]);
      const dropped = new Set(returns.filter((turn) => isDropped(turn, known)).map(({ key }) => key));
      const over = [...returns, ...departures].filter((turn) => isLater(turn, known.get(turn.key)));
      await deleteDepartures(transaction, over);
      const kept = deliveries.filter(({ returnOf }) => returnOf === null || !dropped.has(returnOf));
      await insertDeliveries(transaction, kept, nowMs);
      for (const { key } of over) known.delete(key);
      const dueAtMs = nowMs + departureDelayMs;
      await insertDepartures(
        transaction,
        departures
          .map((departure, index) => ({ ...departure, dueAtMs, position: before + index + 1, isSettled: 0 }))
          .filter(({ key }) => !known.has(key)),
      );
    });
  }

  lease(request: LeaseRequest): Promise<number | null> {
    return atomically(this.#db, (transaction) => takeLease(transaction, this.#clock, request));
  }

  async endLease(token: number): Promise<void> {
    await atomically(this.#db, (transaction) =>
      transaction
        .updateTable("webhookState")
        .set({ leasedUntilMs: 0 })
        .where("leaseToken", "=", token)
        .execute(),
    );
  }

  dueDepartures(limit: number): Promise<DueDeparture[]> {
    return dueDepartures(this.#db, this.#clock, limit);
  }

  settle(token: number, departures: readonly SettledDeparture[]): Promise<void> {
    return this.#withLease(token, async (transaction) => {
      await lockWrites(transaction, 0);
      const nowMs = await readClock(transaction, this.#clock);
      const known = await knownDepartures(transaction, departures);
      const over = departures.filter(({ key, revision }) => {
        const one = known.get(key);
        return one?.revision === revision && !one.isSettled;
      });
      await markSettled(transaction, over, nowMs);
      const deliveries = over.flatMap((one) => one.deliveries);
      await insertDeliveries(transaction, deliveries, nowMs);
    });
  }

  webhooksWithPending(): Promise<string[]> {
    return webhooksWithPending(this.#db);
  }

  async backlog(): Promise<Backlog[]> {
    return this.#db
      .selectFrom("webhookDeliveries")
      .select(({ fn }) => [
        "webhookId",
        fn.countAll<number>().as("pending"),
        fn.min<number>("queuedAtMs").as("oldestAtMs"),
        sql<number>`${this.#clock()} - ${fn.min<number>("queuedAtMs")}`.as("oldestWaitedMs"),
      ])
      .where("state", "=", "pending")
      .groupBy("webhookId")
      .execute();
  }

  due(webhookId: string, exceptChannels: readonly string[], limit: number): Promise<DueDelivery[]> {
    return dueDeliveries(this.#db, this.#clock, { webhookId, exceptChannels, limit });
  }

  dueInOneLane(webhookId: string, limit: number): Promise<DueDelivery[]> {
    return dueDeliveries(this.#db, this.#clock, { webhookId, exceptChannels: null, limit });
  }

  async claim(token: number, { id, messageId }: DueDelivery): Promise<ClaimedDelivery[]> {
    const rows = await this.#db
      .selectFrom("webhookDeliveries")
      .selectAll()
      .select(this.#waitedMs())
      .where("state", "=", "pending")
      .where((eb) => (messageId === null ? eb("id", "=", id) : eb("messageId", "=", messageId)))
      .where(({ exists }) => exists(this.#lease(token)))
      .orderBy("sequence")
      .execute();
    if (rows.length === 0 && (await this.#lease(token).executeTakeFirst()) === undefined)
      throw new LeaseLost("The lease to deliver webhooks has expired");
    return rows.map(toClaimed);
  }

  claimBatch(token: number, { deliveryIds, messageId, bytesMax }: Batch): Promise<ClaimedDelivery[]> {
    return this.#withLease(token, async (transaction) => {
      const rows = await transaction
        .selectFrom("webhookDeliveries")
        .selectAll()
        .select(this.#waitedMs())
        .where("id", "in", deliveryIds)
        .where("state", "=", "pending")
        .orderBy("sequence")
        .execute();
      const fitting = firstThatFit(rows, bytesMax);
      const ids = fitting.map(({ id }) => id);
      if (ids.length > 0)
        await transaction
          .updateTable("webhookDeliveries")
          .set({ messageId })
          .where("id", "in", ids)
          .execute();
      return fitting.map((row) => toClaimed({ ...row, messageId }));
    });
  }

  record(token: number, outcomes: readonly Outcome[]): Promise<void> {
    return this.#withLease(token, async (transaction) => {
      const nowMs = await readClock(transaction, this.#clock);
      for (const { deliveryIds, state, attempt, retryAfterMs } of outcomes)
        for (const some of slices(deliveryIds.toSorted())) {
          const update = transaction
            .updateTable("webhookDeliveries")
            .set((eb) => ({
              ...attemptColumns(attempt),
              state,
              attempts: eb("attempts", "+", 1),
              dueAtMs: nowMs + retryAfterMs,
            }))
            .where("id", "in", some);
          // A delivery that was given up meanwhile keeps that state, unless it has arrived.
          await (state === "pending" ? update.where("state", "=", "pending") : update).execute();
        }
    });
  }

  expire(token: number, webhookId: string, waitedMsMax: number, attempt: Attempt): Promise<number> {
    return this.#withLease(token, async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable("webhookDeliveries")
        .set(({ fn, val }) => ({
          state: "dead",
          attemptedAtMs: fn.coalesce("attemptedAtMs", val(attempt.atMs)),
          durationMs: fn.coalesce("durationMs", val(attempt.durationMs)),
          answer: fn.coalesce("answer", val(attempt.answer)),
        }))
        .where("state", "=", "pending")
        .where("webhookId", "=", webhookId)
        .where("queuedAtMs", "<", sql<number>`${this.#clock()} - ${sql.lit(waitedMsMax)}`)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    });
  }

  endWaitsBeyond(token: number, { retryMs, departureMs }: WaitsMax): Promise<void> {
    return this.#withLease(token, async (transaction) => {
      await lockWrites(transaction, 0);
      const nowMs = await readClock(transaction, this.#clock);
      await transaction
        .updateTable("webhookDeliveries")
        .set({ dueAtMs: nowMs })
        .where("state", "=", "pending")
        .where("dueAtMs", ">", nowMs + retryMs)
        .execute();
      await transaction
        .updateTable("webhookDeliveries")
        .set({ queuedAtMs: nowMs })
        .where("state", "=", "pending")
        .where("queuedAtMs", ">", nowMs)
        .execute();
      await transaction
        .updateTable("webhookDepartures")
        .set({ dueAtMs: nowMs })
        .where("dueAtMs", ">", nowMs + departureMs)
        .execute();
    });
  }

  async sweep(token: number, retention: Retention): Promise<number> {
    await forgetSettled((change) => this.#withLease(token, change), this.#clock);
    return sweepDeliveries((change) => this.#withLease(token, change), retention);
  }

  #waitedMs() {
    return sql<number>`${this.#clock()} - ${sql.ref("queuedAtMs")}`.as("waitedMs");
  }

  /** The lease's row, if the token still holds it. */
  #lease(token: number) {
    return this.#db
      .selectFrom("webhookState")
      .select("id")
      .where("leaseToken", "=", token)
      .where("leasedUntilMs", ">", this.#clock());
  }

  /** Runs a transaction of the node that delivers. @throws LeaseLost */
  #withLease<Result>(
    token: number,
    change: (transaction: DatabaseTransaction) => Promise<Result>,
  ): Promise<Result> {
    return atomically(this.#db, async (transaction) => {
      await keepLease(transaction, token);
      return change(transaction);
    });
  }
}

/** Existing deliveries stay unchanged. */
async function insertDeliveries(
  transaction: DatabaseTransaction,
  deliveries: readonly NewDelivery[],
  nowMs: number,
): Promise<void> {
  for (const some of slices(deliveries)) {
    const insert = transaction
      .insertInto("webhookDeliveries")
      .values(some.map((delivery) => toNewRow(delivery, nowMs)));
    await (databaseType(transaction) === "mysql"
      ? insert.onDuplicateKeyUpdate((eb) => ({ id: eb.ref("id") }))
      : insert.onConflict((conflict) => conflict.column("id").doNothing())
    ).execute();
  }
}
