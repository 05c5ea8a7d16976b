/** Creates the delivery of webhooks. */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { TargetGuard } from "../webhooks/target-guard.ts";
import { createWebhooks } from "../webhooks/webhooks.ts";
import type { SharedParts } from "./shared-parts.ts";

export function createWebhookStack(
  config: Config,
  shared: SharedParts,
  stores: { readonly webhooks: WebhookStore; readonly outbox: WebhookOutbox },
  log: Logger,
) {
  return createWebhooks({
    ...shared,
    ...{ store: stores.webhooks, outbox: stores.outbox, log },
    // The embedded database has one process at a time. With a fixed id it need not wait for its own lease after a
    // crash.
    nodeId: config.databaseUrl === null ? "embedded" : randomUUID(),
    guard: new TargetGuard({
      allow: config.webhookAllow,
      isHttpAllowed: config.environment === "development" || config.webhookAllowHttp,
    }),
    limits: {
      timeoutMs: config.webhookTimeoutMs,
      retryWindowMs: config.webhookRetryWindowMs,
      pendingPerWebhookMax: config.webhookPendingMax,
      requestsPerWebhookMax: config.webhookRequestsMax,
      requestsPerAppMax: config.webhookRequestsPerAppMax,
      requestsMax: config.webhookRequestsTotalMax,
    },
    ...(config.appId !== null && { configured: { appId: config.appId, webhooks: config.webhooks } }),
  });
}
