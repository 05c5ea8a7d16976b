/** How a webhook does, from what waits for it and how its receiver answers. */

import type { Circuit } from "./ports/webhook-control.ts";
import type { Tally } from "./ports/webhook-history.ts";
import type { Webhook } from "./webhook.ts";

/**
 * `unused`: nothing was sent yet. `failing`: the latest request failed, and is tried again. `paused`: so many failed in
 * a row that one request is tried now and then. `disabled`: nothing is sent.
 */
export const webhookStates = ["unused", "well", "failing", "paused", "disabled"] as const;
export type WebhookState = (typeof webhookStates)[number];

export interface WebhookHealth {
  readonly state: WebhookState;
  /** Null where another node delivers, which alone counts them. */
  readonly failuresInARow: number | null;
  readonly waiting: number;
  readonly waitingSinceMs: number | null;
  /** Null where nothing waits, or it goes out at once. */
  readonly nextAttemptAtMs: number | null;
  readonly givenUp: number;
  readonly lastDeliveredAtMs: number | null;
}

/** @param circuit null where another node delivers */
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
