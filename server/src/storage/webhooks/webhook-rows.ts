/** Converts deliveries to rows and back. */
import type { Insertable, Selectable } from "kysely";
import type { DeliveryRecord } from "../../core/ports/webhook-history.ts";
import type {
  Attempt,
  ClaimedDelivery,
  DeliveryState,
  NewDelivery,
} from "../../core/ports/webhook-outbox.ts";
import type { Schema } from "../database/schema.ts";

export const finished = ["delivered", "dead"] as const;

type Row = Selectable<Schema["webhookDeliveries"]>;

export function toNewRow(
  { id, webhookId, type, channel, event, createdAtMs, cause }: NewDelivery,
  nowMs: number,
): Insertable<Schema["webhookDeliveries"]> {
  return {
    id,
    webhookId,
    type,
    channel,
    event,
    createdAtMs,
    cause,
    messageId: null,
    state: "pending",
    attempts: 0,
    queuedAtMs: nowMs,
    dueAtMs: 0,
  };
}

export function attemptColumns({ atMs, durationMs, status, answer }: Attempt) {
  return { attemptedAtMs: atMs, durationMs, status, answer };
}

export function toClaimed(row: Row & { readonly waitedMs: number }): ClaimedDelivery {
  const { id, sequence, channel, messageId, attempts, event, createdAtMs, cause, waitedMs } = row;
  return { id, sequence, channel, messageId, attempts, event, createdAtMs, cause, waitedMs };
}

/** Returns the first items that fit in the limit; the first one always fits. */
export function firstThatFit<Item extends { readonly event: string }>(
  items: readonly Item[],
  bytesMax: number,
): Item[] {
  let bytes = 0;
  const end = items.findIndex(({ event }, index) => {
    bytes += Buffer.byteLength(event);
    return index > 0 && bytes > bytesMax;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}

export function toDeliveryRecord(row: Row): DeliveryRecord {
  const { id, sequence, webhookId, messageId, type, channel, event, attempts, createdAtMs } = row;
  const { attemptedAtMs, durationMs, status, answer } = row;
  const isPlanned = row.state === "pending" && row.dueAtMs > 0;
  return {
    id,
    sequence,
    webhookId,
    messageId,
    type,
    channel,
    event,
    attempts,
    createdAtMs,
    state: row.state as DeliveryState,
    nextAttemptAtMs: isPlanned ? row.dueAtMs : null,
    lastAttempt:
      attemptedAtMs === null
        ? null
        : { atMs: attemptedAtMs, durationMs: durationMs ?? 0, status, answer: answer ?? "" },
  };
}
