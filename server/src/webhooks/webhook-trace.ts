/** Tracing of webhooks, as the composition root provides it. */
import type { FetchTo } from "./fetch-target.ts";
import type { Send } from "./sender.ts";

/** Wraps the requests to receivers. */
export interface WebhookTrace {
  /** The `traceparent` of the request that the running code works for; null if there is none. */
  cause(): string | null;
  send(send: Send): Send;
  fetchTo(fetchTo: FetchTo): FetchTo;
}
