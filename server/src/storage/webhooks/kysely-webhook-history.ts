/** The history of deliveries in a database. */
import type { DeliveryRecord, Tally, WebhookHistory } from "../../core/ports/webhook-history.ts";
import type { DeliveryState } from "../../core/ports/webhook-outbox.ts";
import { atomically } from "../database/atomically.ts";
import { type DatabaseClock, databaseClock, readClock } from "../database/database-clock.ts";
import type { Database } from "../database/schema.ts";
import { dueDeliveries } from "./due-deliveries.ts";
import { finished, toDeliveryRecord } from "./webhook-rows.ts";

export class KyselyWebhookHistory implements WebhookHistory {
  readonly #db: Database;
  readonly #clock: DatabaseClock;

  constructor(db: Database, clock: DatabaseClock = databaseClock(db)) {
    this.#db = db;
    this.#clock = clock;
  }

  async tally({ id, isBatching }: { readonly id: string; readonly isBatching: boolean }): Promise<Tally> {
    const counts = await this.#db
      .selectFrom("webhookDeliveries")
      .select(({ fn }) => [
        "state",
        fn.countAll<number>().as("count"),
        fn.min<number>("queuedAtMs").as("oldestAtMs"),
      ])
      .where("state", "in", ["pending", "dead"])
      .where("webhookId", "=", id)
      .groupBy("state")
      .execute();
    const [lastDelivered] = await this.list(id, { state: "delivered", beforeSequence: null }, 1);
    const pending = counts.find(({ state }) => state === "pending");
    return {
      webhookId: id,
      waiting: pending?.count ?? 0,
      waitingSinceMs: pending?.oldestAtMs ?? null,
      nextAttemptAtMs: pending === undefined ? null : await this.#nextAttemptAtMs(id, isBatching),
      givenUp: counts.find(({ state }) => state === "dead")?.count ?? 0,
      lastDeliveredAtMs: lastDelivered?.lastAttempt?.atMs ?? null,
    };
  }

  /** Reads one index entry for each webhook, regardless of the number of deliveries. */
  async givenUp(): Promise<Set<string>> {
    const rows = await this.#db
      .selectFrom("webhooks")
      .select("id")
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom("webhookDeliveries")
            .select("webhookDeliveries.id")
            .where("state", "=", "dead")
            .whereRef("webhookId", "=", "webhooks.id"),
        ),
      )
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  async list(
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

  replay(webhookId: string, deliveryId: string): Promise<boolean> {
    return atomically(this.#db, async (transaction) => {
      const asked = await transaction
        .selectFrom("webhookDeliveries")
        .select("messageId")
        .where("id", "=", deliveryId)
        .where("webhookId", "=", webhookId)
        .where("state", "in", finished)
        .executeTakeFirst();
      if (asked === undefined) return false;
      const queuedAtMs = await readClock(transaction, this.#clock);
      await transaction
        .updateTable("webhookDeliveries")
        .set({ state: "pending", attempts: 0, queuedAtMs, dueAtMs: 0 })
        .where("webhookId", "=", webhookId)
        .where("state", "in", finished)
        .where((eb) =>
          asked.messageId === null ? eb("id", "=", deliveryId) : eb("messageId", "=", asked.messageId),
        )
        .execute();
      return true;
    });
  }

  replayGivenUp(webhookId: string): Promise<number> {
    return atomically(this.#db, async (transaction) => {
      const queuedAtMs = await readClock(transaction, this.#clock);
      const { numUpdatedRows } = await transaction
        .updateTable("webhookDeliveries")
        .set({ state: "pending", attempts: 0, queuedAtMs, dueAtMs: 0 })
        .where("webhookId", "=", webhookId)
        .where("state", "=", "dead")
        .executeTakeFirst();
      return Number(numUpdatedRows);
    });
  }

  /** Null if something can be sent now. */
  async #nextAttemptAtMs(webhookId: string, isBatching: boolean): Promise<number | null> {
    const exceptChannels = isBatching ? null : [];
    const due = await dueDeliveries(this.#db, this.#clock, { webhookId, exceptChannels, limit: 1 });
    if (due.length > 0) return null;
    const next = await this.#db
      .selectFrom("webhookDeliveries")
      .select(({ fn }) => fn.min<number | null>("dueAtMs").as("atMs"))
      .where("state", "=", "pending")
      .where("webhookId", "=", webhookId)
      .where("dueAtMs", ">", this.#clock())
      .executeTakeFirst();
    return next?.atMs ?? null;
  }
}
