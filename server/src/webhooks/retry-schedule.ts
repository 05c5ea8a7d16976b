/** Decides the state after an attempt: delivered, a retry at some time, or failed. */
import type { TargetAnswer } from "./fetch-target.ts";
import type { WebhookLimits } from "./webhook-limits.ts";

export interface Verdict {
  readonly state: "delivered" | "pending" | "dead";
  /** Set if the state is pending. */
  readonly retryAfterMs: number;
  /** How long the receiver asked to get no requests at all (Retry-After); 0 if it did not ask. */
  readonly pauseMs: number;
  /** Whether the failure is ignored for the receiver's health: for example, it may not have the active secret yet. */
  readonly isTrial: boolean;
}

export interface Tried {
  /** The number of attempts, including this one. */
  readonly attempts: number;
  /** The time since the delivery was written or last replayed. */
  readonly waitedMs: number;
  readonly nowMs: number;
  /** Null if there was no response. */
  readonly answer: TargetAnswer | null;
  /** Whether a rotation is in progress: the next attempt is then signed with the other secret. */
  readonly hasOtherSignature: boolean;
}

export type RetryLimits = Pick<WebhookLimits, "retryWindowMs" | "backoffFirstMs" | "backoffMaxMs">;

/** @param random 0 to 1 */
export function judge(tried: Tried, limits: RetryLimits, random: () => number): Verdict {
  const { attempts, waitedMs, nowMs, answer, hasOtherSignature } = tried;
  const none = { retryAfterMs: 0, pauseMs: 0, isTrial: false };
  if (answer !== null && isSuccess(answer.status)) return { ...none, state: "delivered" };
  if (answer?.status === 410) return { ...none, state: "dead" };
  const leftMs = limits.retryWindowMs - waitedMs;
  const askedMs = answer === null ? 0 : restAskedForMs(answer.retryAfter, nowMs);
  if (askedMs === 0 && hasOtherSignature && answer !== null && attempts % 2 === 1)
    return { ...none, state: "pending", isTrial: true };
  // If the receiver asks for a pause beyond the window, one last attempt is made at its end.
  const restMs = Math.min(askedMs, leftMs);
  if (restMs > 0) return { ...none, state: "pending", retryAfterMs: restMs, pauseMs: restMs };
  const retryAfterMs = backoffMs(attempts, limits, random);
  return retryAfterMs > leftMs ? { ...none, state: "dead" } : { ...none, state: "pending", retryAfterMs };
}

/** The delay doubles each time. Half of it is random, so that deliveries that failed together do not retry together. */
export function backoffMs(attempts: number, limits: RetryLimits, random: () => number): number {
  const fullMs = Math.min(limits.backoffMaxMs, limits.backoffFirstMs * 2 ** Math.min(attempts - 1, 30));
  return Math.round(fullMs / 2 + (fullMs / 2) * random());
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Parses `Retry-After` in seconds or as a date; 0 if it is absent or invalid. */
function restAskedForMs(retryAfter: string | null, nowMs: number): number {
  if (retryAfter === null) return 0;
  const restMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - nowMs;
  return Number.isFinite(restMs) && restMs > 0 ? restMs : 0;
}
