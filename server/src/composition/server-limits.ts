/** Registers the server's limits at the node's limit sources. */
import type { Config } from "../config/config.ts";
import { descriptorsForSockets } from "../config/machine.ts";
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import type { Readiness } from "../transport/readiness.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { SharedParts } from "./shared-parts.ts";

export interface LimitedParts {
  readonly subscriptionBudget: ByteBudget;
  /** Null if histories are in Redis. */
  readonly historyBudget: ByteBudget | null;
  readonly readiness: Pick<Readiness, "use">;
  readonly figures: WebhookFigures;
  readonly requestsOf: Webhooks["requestsOf"];
}

export function addServerLimits(
  config: Config,
  { limits, hub, activity }: Pick<SharedParts, "limits" | "hub" | "activity">,
  { subscriptionBudget, historyBudget, readiness, figures, requestsOf }: LimitedParts,
): void {
  let connectionsPeak = 0;
  activity.on("connection_opened", () => {
    if (hub.connectionCount > connectionsPeak) connectionsPeak = hub.connectionCount;
  });
  limits.add(() => ({
    limit: "connectionsMax",
    used: hub.connectionCount,
    max: config.connectionsMax,
    peak: connectionsPeak,
  }));
  limits.add(() => ({
    limit: "memoryBytesMax",
    used: process.memoryUsage.rss(),
    max: config.memoryBytesMax,
    peak: process.resourceUsage().maxRSS * 1_024,
  }));
  limits.add(() => ({
    limit: "openFiles",
    max: descriptorsForSockets(),
    peak: null,
    // Infinite while no descriptor is left for counting them.
    used: Math.min(readiness.use.descriptors, descriptorsForSockets()),
  }));
  limits.addBudget("subscriptionBytes", subscriptionBudget);
  if (historyBudget !== null) limits.addBudget("historyBytes", historyBudget);
  limits.add(() => ({
    limit: "webhookPendingMax",
    used: figures.mostPending,
    max: config.webhookPendingMax,
    peak: null,
  }));
  limits.add(() => ({
    limit: "webhookRequestsTotalMax",
    used: figures.requestsInFlight,
    peak: null,
    max: config.webhookRequestsTotalMax,
  }));
  limits.addPerApp((appId) => {
    const use = requestsOf(appId);
    return use === null ? null : { limit: "webhookRequestsMax", ...use };
  });
}
