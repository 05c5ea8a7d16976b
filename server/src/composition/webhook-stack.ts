/** Creates the delivery of webhooks. */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import { webhookTargets } from "../config/webhook-targets.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import type { WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { answerMs } from "../management/all-nodes.ts";
import { createLocalhostWebhooks } from "../management/localhost-webhooks.ts";
import type { Tracing } from "../telemetry/tracing.ts";
import { TargetGuard } from "../webhooks/target-guard.ts";
import { createWebhooks } from "../webhooks/webhooks.ts";
import { publicHostOf } from "./public-host.ts";
import type { SharedParts } from "./shared-parts.ts";
import { webhookTrace } from "./traced-parts.ts";

export function createWebhookStack(
  config: Config,
  shared: SharedParts,
  stores: {
    readonly webhooks: WebhookStore;
    readonly outbox: WebhookOutbox;
    readonly inOneTransaction: InOneTransaction;
  },
  tracing: Tracing | null,
  log: Logger,
) {
  const { bus } = shared;
  const localhost = createLocalhostWebhooks(stores.webhooks, stores.inOneTransaction, publicHostOf(config));
  const webhooks = createWebhooks({
    ...shared,
    store: stores.webhooks,
    outbox: stores.outbox,
    log,
    // The embedded database has one process at a time. With a fixed id it need not wait for its own lease after a
    // crash.
    nodeId: config.databaseUrl === null ? "embedded" : randomUUID(),
    guard: new TargetGuard({
      ...webhookTargets(config),
      isLocalhostAllowed: () => localhost.isAllowed(),
    }),
    limits: {
      timeoutMs: config.webhookTimeoutMs,
      retryWindowMs: config.webhookRetryWindowMs,
      pendingPerWebhookMax: config.webhookPendingMax,
      requestsPerWebhookMax: config.webhookRequestsMax,
      requestsPerAppMax: config.webhookRequestsPerAppMax,
      requestsMax: config.webhookRequestsTotalMax,
    },
    ...(tracing !== null && { trace: webhookTrace(tracing) }),
    ...(config.appId !== null && { configured: { appId: config.appId, webhooks: config.webhooks } }),
  });
  bus.onQuestion("reload-webhooks", async () => {
    await webhooks.changed();
    return {};
  });
  return {
    ...webhooks,
    localhost,
    tryNowHere: (webhookId: string) => webhooks.tryNow(webhookId),
    tryNow(webhookId: string) {
      webhooks.tryNow(webhookId);
      bus.broadcast({ type: "try-webhook", webhookId });
    },
    async changed() {
      await webhooks.changed();
      // A node that does not answer finds the change in the store.
      await bus.ask({ type: "reload-webhooks" }, answerMs);
    },
  };
}
