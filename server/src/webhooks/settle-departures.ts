/** Turns departures whose delay is over into events, unless the roster says that the member is back. */
import type { Roster } from "../core/ports/roster.ts";
import type { Departure, DueDeparture, WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookEventType } from "../core/webhooks/webhook.ts";
import type { EventCollector } from "./event-collector.ts";

const departuresPerCall = 500;
/**
 * After this time the event of a return is in the outbox and has cancelled its departure, or was lost with its node.
 */
const returnWrittenWithinMs = 10_000;

export interface DepartureNeeds {
  readonly outbox: Pick<WebhookOutbox, "dueDepartures" | "settle">;
  readonly roster: Pick<Roster, "counts" | "members" | "onlineUsers">;
  readonly collector: Pick<EventCollector, "deliveriesOf">;
}

/** @throws LeaseLost */
export type SettleDepartures = (token: number) => Promise<void>;

export function createSettleDepartures({ outbox, roster, collector }: DepartureNeeds): SettleDepartures {
  return async (token) => {
    for (;;) {
      const due = await outbox.dueDepartures(departuresPerCall);
      const areGone = await Promise.all(due.map((departure) => isGone(departure, roster)));
      const settled = due.flatMap((departure, index) => {
        const { key, revision } = departure;
        if (areGone[index]) return [{ key, revision, deliveries: deliveriesOf(departure) }];
        return departure.overdueMs < returnWrittenWithinMs ? [] : [{ key, revision, deliveries: [] }];
      });
      if (settled.length > 0) await outbox.settle(token, settled);
      if (due.length < departuresPerCall || settled.length === 0) return;
    }
  };

  function deliveriesOf({ appId, type, channel, event, createdAtMs, cause }: DueDeparture) {
    return collector.deliveriesOf({
      appId,
      type: type as WebhookEventType,
      json: event,
      atMs: createdAtMs,
      cause,
      channel: channel === "" ? null : channel,
    });
  }
}

async function isGone(
  { appId, type, channel, userId }: Departure,
  roster: DepartureNeeds["roster"],
): Promise<boolean> {
  if (type === "channel_vacated") return (await roster.counts(appId, channel)).subscriptionCount === 0;
  if (userId === null) return true;
  if (type === "member_removed")
    return !(await roster.members(appId, channel)).some((member) => member.userId === userId);
  return !(await roster.onlineUsers(appId, [userId])).has(userId);
}
