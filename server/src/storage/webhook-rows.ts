/** Deliveries as rows and back. */
import type { Insertable, Selectable } from "kysely";
import type {
  Attempt,
  DeliveryRecord,
  DeliveryState,
  NewDelivery,
  PendingDelivery,
} from "../core/ports/webhook-outbox.ts";
import type { Schema } from "./schema.ts";

export const finished = ["delivered", "dead"] as const;

type Row = Selectable<Schema["webhookDeliveries"]>;

export function toNewRow(delivery: NewDelivery): Insertable<Schema["webhookDeliveries"]> {
  const { id, webhookId, type, channel, event, createdAtMs } = delivery;
  return {
    ...{ id, webhookId, type, channel, event, createdAtMs },
    ...{ messageId: null, state: "pending", attempts: 0, queuedAtMs: createdAtMs, dueAtMs: createdAtMs },
  };
}

export function attemptColumns({ atMs, durationMs, status, answer }: Attempt) {
  return { attemptedAtMs: atMs, durationMs, status, answer };
}

export function toPending(row: Row): PendingDelivery {
  const { sequence, id, webhookId, messageId, type, channel, event, attempts, createdAtMs, queuedAtMs } = row;
  return { sequence, id, webhookId, messageId, type, channel, event, attempts, createdAtMs, queuedAtMs };
}

export function toDeliveryRecord(row: Row): DeliveryRecord {
  const { attemptedAtMs, durationMs, status, answer } = row;
  const lastAttempt =
    attemptedAtMs === null
      ? null
      : { atMs: attemptedAtMs, durationMs: durationMs ?? 0, status, answer: answer ?? "" };
  return { ...toPending(row), state: row.state as DeliveryState, dueAtMs: row.dueAtMs, lastAttempt };
}
