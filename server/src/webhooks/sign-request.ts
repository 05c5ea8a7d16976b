/** A request to a webhook: body, Pusher's headers, and those of Standard Webhooks beside them. */
import type { AppRegistry } from "../core/app-registry.ts";
import type { Webhook } from "../core/webhook.ts";

export interface Message {
  /** `webhook-id`: the same on every attempt. */
  readonly id: string;
  /** When the latest of its events happened. */
  readonly timeMs: number;
  /** Each one JSON. */
  readonly events: readonly string[];
}

export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A rotation is under way: another attempt is signed with the other secret. */
  readonly hasOtherSignature: boolean;
}

/** @param attempts made before: they take turns between the active and the pending secret */
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
