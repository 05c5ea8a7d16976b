/** Sends one message once: signs it, posts it and measures the time. */
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Attempt } from "../core/ports/webhook-outbox.ts";
import type { Webhook } from "../core/webhooks/webhook.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import { describeFailure } from "./describe-failure.ts";
import type { FetchTo, TargetAnswer } from "./fetch-target.ts";
import { type Message, signRequest } from "./sign-request.ts";

export interface Sent {
  readonly attempt: Attempt;
  readonly answer: TargetAnswer | null;
  /** The network's error message if there was no response. It may contain internal addresses. */
  readonly detail: string | null;
  readonly hasOtherSignature: boolean;
}

/** @param attempts the number of earlier attempts */
export type Send = (webhook: Webhook, message: Message, attempts: number) => Promise<Sent>;

export function createSender(
  registry: AppRegistry,
  fetchTo: FetchTo,
  clock: Clock,
  timeoutMs: number,
  figures: WebhookFigures,
): Send {
  return async (webhook, message, attempts) => {
    const atMs = clock.now();
    const request = signRequest(registry, webhook, message, attempts, atMs);
    if (request === null) return notSent(atMs, "The app of this webhook does not exist");
    const { hasOtherSignature, ...signed } = request;
    figures.requestsInFlight += 1;
    try {
      const answer = await fetchTo({ ...signed, timeoutMs });
      const durationMs = clock.now() - atMs;
      const attempt = { atMs, durationMs, status: answer.status, answer: answer.body };
      return { attempt, answer, detail: null, hasOtherSignature };
    } catch (error) {
      const durationMs = clock.now() - atMs;
      const { answer, detail } = describeFailure(error);
      return { ...notSent(atMs, answer, durationMs), detail, hasOtherSignature };
    } finally {
      figures.requestsInFlight -= 1;
    }
  };
}

function notSent(atMs: number, why: string, durationMs = 0): Sent {
  return {
    attempt: { atMs, durationMs, status: null, answer: why },
    answer: null,
    detail: null,
    hasOtherSignature: false,
  };
}
