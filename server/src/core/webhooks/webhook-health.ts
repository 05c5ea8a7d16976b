/** The state of a webhook, from its pending deliveries and its receiver's answers. */

import type { Circuit } from "../ports/webhook-control.ts";
import type { Tally } from "../ports/webhook-history.ts";
import type { Webhook } from "./webhook.ts";

/**
 * `unused`: no request was sent yet. `failing`: the latest request failed and will be retried. `paused`: after many
 * failures in a row, only an occasional request is tried. `disabled`: no requests are sent.
 */
export const webhookStates = ["unused", "well", "failing", "paused", "disabled"] as const;
export type WebhookState = (typeof webhookStates)[number];

export interface WebhookHealth {
  readonly state: WebhookState;
  /** Null if another node delivers webhooks: only that node counts failures. */
  readonly failuresInARow: number | null;
  readonly waiting: number;
  readonly waitingSinceMs: number | null;
  /** Null if no delivery is pending or one is due now. */
  readonly nextAttemptAtMs: number | null;
  readonly givenUp: number;
  readonly lastDeliveredAtMs: number | null;
}

/** @param circuit null if another node delivers webhooks */
export function healthOf(
  { isEnabled }: Pick<Webhook, "isEnabled">,
  tally: Tally,
  circuit: Circuit | null,
  nowMs: number,
): WebhookHealth {
  const { waiting, waitingSinceMs, nextAttemptAtMs, givenUp, lastDeliveredAtMs } = tally;
  const dueAtMs = Math.max(nextAttemptAtMs ?? 0, circuit?.pausedUntilMs ?? 0);
  const isPutOff = waiting > 0 && dueAtMs > nowMs;
  const failuresInARow = circuit?.failuresInARow ?? null;
  return {
    state: stateOf(),
    failuresInARow,
    waiting,
    waitingSinceMs,
    nextAttemptAtMs: isEnabled && isPutOff ? dueAtMs : null,
    givenUp,
    lastDeliveredAtMs,
  };

  function stateOf(): WebhookState {
    if (!isEnabled) return "disabled";
    if (circuit?.isPaused) return "paused";
    if ((failuresInARow ?? 0) > 0 || isPutOff) return "failing";
    return lastDeliveredAtMs === null && givenUp === 0 ? "unused" : "well";
  }
}
