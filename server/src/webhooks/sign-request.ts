/** Builds a request to a webhook: the body, Pusher's headers, and the headers of Standard Webhooks. */
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Webhook } from "../core/webhooks/webhook.ts";

export interface Message {
  /** `webhook-id`: the same on every attempt. */
  readonly id: string;
  /** The time of its newest event. */
  readonly timeMs: number;
  /** The events, each as JSON. */
  readonly events: readonly string[];
  /** The `traceparent` of the requests that caused the events. */
  readonly causes: readonly string[];
}

export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether a rotation is in progress: the next attempt is then signed with the other secret. */
  readonly hasOtherSignature: boolean;
}

/** @param attempts the number of earlier attempts; attempts alternate between the active and the pending secret */
export function signRequest(
  registry: AppRegistry,
  webhook: Webhook,
  message: Message,
  attempts: number,
  nowMs: number,
): SignedRequest | null {
  const app = registry.byId(webhook.appId);
  if (app === null) return null;
  const body = `{"time_ms":${message.timeMs},"events":[${message.events.join(",")}]}`;
  const timestamp = Math.floor(nowMs / 1_000);
  const pusherSignatures = registry.sign(app.id, body);
  const standardSignatures = registry.signInBase64(app.id, `${message.id}.${timestamp}.${body}`);
  return {
    url: webhook.url,
    headers: {
      ...webhook.headers,
      "Content-Type": "application/json",
      "X-Pusher-Key": app.key,
      "X-Pusher-Signature": pusherSignatures[attempts % pusherSignatures.length] ?? "",
      "webhook-id": message.id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": standardSignatures.map((signature) => `v1,${signature}`).join(" "),
    },
    body,
    hasOtherSignature: pusherSignatures.length > 1,
  };
}
