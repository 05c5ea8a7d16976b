/** Bounds what was planned on a clock that has been set back since. */
import type { PlanMax } from "../core/ports/webhook-outbox.ts";
import type { Database } from "./schema.ts";

export async function bringForward(db: Database, { deliveriesMs, departuresMs }: PlanMax): Promise<void> {
  await db
    .updateTable("webhookDeliveries")
    .set({ dueAtMs: deliveriesMs })
    .where("state", "=", "pending")
    .where("dueAtMs", ">", deliveriesMs)
    .execute();
  await db
    .updateTable("webhookDepartures")
    // The delivery that a departure becomes is due from when that was made.
    .set({ createdAtMs: departuresMs, dueAtMs: departuresMs })
    .where("dueAtMs", ">", departuresMs)
    .execute();
}
