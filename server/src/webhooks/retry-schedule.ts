/** What an attempt means: delivered, once more and when, or given up. */
import type { TargetAnswer } from "./fetch-target.ts";
import type { WebhookLimits } from "./webhook-limits.ts";

export interface Verdict {
  readonly state: "delivered" | "pending" | "dead";
  /** When pending. */
  readonly retryAfterMs: number;
  /** The receiver asked for rest: nothing at all goes out for so long; 0 where it did not. */
  readonly pauseMs: number;
  /** Says nothing about the receiver's health, for it may just not know the active secret yet. */
  readonly isSignatureTrial: boolean;
}

export interface Tried {
  /** This one included. */
  readonly attempts: number;
  /** Since the delivery was written or last replayed. */
  readonly waitedMs: number;
  readonly nowMs: number;
  /** Null where nothing came back. */
  readonly answer: TargetAnswer | null;
  /** During a rotation the next attempt is signed with the other secret. */
  readonly hasOtherSignature: boolean;
}

export type RetryLimits = Pick<WebhookLimits, "retryWindowMs" | "backoffFirstMs" | "backoffMaxMs">;

/** @param random 0 to 1 */
export function judge(tried: Tried, limits: RetryLimits, random: () => number): Verdict {
  const { attempts, waitedMs, nowMs, answer, hasOtherSignature } = tried;
  const none = { retryAfterMs: 0, pauseMs: 0, isSignatureTrial: false };
  if (answer !== null && isSuccess(answer.status)) return { ...none, state: "delivered" };
  if (answer?.status === 410) return { ...none, state: "dead" };
  const leftMs = limits.retryWindowMs - waitedMs;
  const askedMs = answer === null ? 0 : restAskedForMs(answer.retryAfter, nowMs);
  if (askedMs === 0 && hasOtherSignature && answer !== null && attempts % 2 === 1)
    return { ...none, state: "pending", isSignatureTrial: true };
  // Asked to rest beyond the end, it gets one last attempt there.
  const restMs = Math.min(askedMs, leftMs);
  if (restMs > 0) return { ...none, state: "pending", retryAfterMs: restMs, pauseMs: restMs };
  const retryAfterMs = backoffMs(attempts, limits, random);
  return retryAfterMs > leftMs ? { ...none, state: "dead" } : { ...none, state: "pending", retryAfterMs };
}

/** Doubles each time; half of it is chance, so that what failed together does not return together. */
export function backoffMs(attempts: number, limits: RetryLimits, random: () => number): number {
  const fullMs = Math.min(limits.backoffMaxMs, limits.backoffFirstMs * 2 ** Math.min(attempts - 1, 30));
  return Math.round(fullMs / 2 + (fullMs / 2) * random());
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** `Retry-After` in seconds or as a date; 0 where there is none or it makes no sense. */
function restAskedForMs(retryAfter: string | null, nowMs: number): number {
  if (retryAfter === null) return 0;
  const restMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - nowMs;
  return Number.isFinite(restMs) && restMs > 0 ? restMs : 0;
}
