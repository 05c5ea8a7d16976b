/** Departures as rows: those that a return may still cancel, and for a minute those that are settled. */
import { sql } from "kysely";
import type { DueDeparture, Turn } from "../../core/ports/webhook-outbox.ts";
import { isPresenceChannel } from "../../protocol/channel-name.ts";
import type { DatabaseClock } from "../database/database-clock.ts";
import type { Database, DatabaseTransaction, Schema } from "../database/schema.ts";
import { slices } from "../database/slices.ts";
import type { InTransaction } from "./sweep-deliveries.ts";

/** The longest delay after which the late write of an older change is recognized as such. */
const settledKeptMs = 60_000;
const forgottenPerTransactionMax = 500;

/**
 * Locks out other nodes that write events or departures until the transaction ends. So rows are numbered in the order in
 * which transactions end, and nodes that change the same departures cannot deadlock. Returns the position before the first
 * of `departures` new rows.
 */
export async function lockWrites(transaction: DatabaseTransaction, departures: number): Promise<number> {
  await transaction
    .updateTable("webhookOrder")
    .set((eb) => ({ departures: eb("departures", "+", departures) }))
    .execute();
  const order = await transaction.selectFrom("webhookOrder").select("departures").executeTakeFirstOrThrow();
  return order.departures - departures;
}

interface KnownDeparture {
  readonly revision: number;
  readonly isSettled: boolean;
}

/** The pending departures and those settled in the last minute, by key. The caller holds the lock of writes. */
export async function knownDepartures(
  transaction: DatabaseTransaction,
  turns: readonly Turn[],
): Promise<Map<string, KnownDeparture>> {
  const known = new Map<string, KnownDeparture>();
  for (const some of slices(keysOf(turns))) {
    const found = await transaction
      .selectFrom("webhookDepartures")
      .select(["key", "revision", "isSettled"])
      .where("key", "in", some)
      .execute();
    for (const { key, revision, isSettled } of found)
      known.set(key, { revision, isSettled: isSettled === 1 });
  }
  return known;
}

/** Whether the turn is newer than the departure; false if there is no departure. */
export function isLater({ revision }: Turn, departure: KnownDeparture | undefined): boolean {
  return departure !== undefined && departure.revision <= revision;
}

/** Whether the event of a return is dropped: it cancels a pending departure, or a newer departure was sent already. */
export function isDropped(turn: Turn, known: ReadonlyMap<string, KnownDeparture>): boolean {
  const departure = known.get(turn.key);
  return departure !== undefined && isLater(turn, departure) !== departure.isSettled;
}

/**
 * In the order of the changes. If a channel was vacated, this includes the members who left it before, even if another
 * node wrote them later and their own delay is not over.
 */
export async function dueDepartures(
  db: Database,
  clock: DatabaseClock,
  limit: number,
): Promise<DueDeparture[]> {
  const pending = db
    .selectFrom("webhookDepartures")
    .selectAll()
    .select(sql<number>`${clock()} - ${sql.ref("dueAtMs")}`.as("overdueMs"))
    .where("isSettled", "=", 0);
  const due = await pending
    .where("dueAtMs", "<=", clock())
    .orderBy("revision")
    .orderBy("position")
    .limit(limit)
    .execute();
  const vacated = due.filter(({ type, channel }) => type === "channel_vacated" && isPresenceChannel(channel));
  const known = new Set(due.map(({ key }) => key));
  for (const some of slices(vacated)) {
    // The time of the first query, so that a delay that ended between the two queries is not missed.
    const nowMs = Math.min(...some.map(({ dueAtMs, overdueMs }) => dueAtMs + overdueMs));
    const vacatedIn = new Map(some.map((one) => [channelKeyOf(one), one.revision]));
    const channels = some.map(({ channel }) => channel);
    const members = await pending
      .where("dueAtMs", ">", nowMs)
      .where("type", "=", "member_removed")
      .where("channel", "in", channels)
      .execute();
    const isBefore = (one: (typeof due)[number]) => one.revision < (vacatedIn.get(channelKeyOf(one)) ?? 0);
    due.push(...members.filter((one) => !known.has(one.key) && isBefore(one)));
  }
  return due
    .sort((one, other) => one.revision - other.revision || one.position - other.position)
    .map(({ dueAtMs: _, position: __, isSettled: ___, ...departure }) => departure);
}

export async function deleteDepartures(
  transaction: DatabaseTransaction,
  turns: readonly Turn[],
): Promise<void> {
  for (const some of slices(keysOf(turns)))
    await transaction.deleteFrom("webhookDepartures").where("key", "in", some).execute();
}

function channelKeyOf({ appId, channel }: Pick<DueDeparture, "appId" | "channel">): string {
  return JSON.stringify([appId, channel]);
}

/** Keeps them without their events. */
export async function markSettled(
  transaction: DatabaseTransaction,
  turns: readonly Turn[],
  nowMs: number,
): Promise<void> {
  for (const some of slices(keysOf(turns)))
    await transaction
      .updateTable("webhookDepartures")
      .set({ isSettled: 1, dueAtMs: nowMs, event: "" })
      .where("key", "in", some)
      .execute();
}

/** Deletes those that were settled more than a minute ago. */
export async function forgetSettled(inTransaction: InTransaction, clock: DatabaseClock): Promise<void> {
  for (;;) {
    const count = await inTransaction(async (transaction) => {
      await lockWrites(transaction, 0);
      const old = await transaction
        .selectFrom("webhookDepartures")
        .select(["key", "revision"])
        .where("isSettled", "=", 1)
        .where("dueAtMs", "<", sql<number>`${clock()} - ${sql.lit(settledKeptMs)}`)
        .limit(forgottenPerTransactionMax)
        .execute();
      await deleteDepartures(transaction, old);
      return old.length;
    });
    if (count < forgottenPerTransactionMax) return;
  }
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
