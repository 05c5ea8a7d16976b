import type { Webhook } from "../../../src/core/webhooks/webhook.ts";

/** An enabled webhook without filters and headers. */
export const someWebhook: Webhook = {
  id: "w1",
  appId: "1",
  url: "https://example.com",
  events: ["cache_miss"],
  filters: { prefix: [], suffix: [], glob: [] },
  headers: {},
  isBatching: false,
  isEnabled: true,
  disabledReason: null,
  createdAtMs: 0,
};
