/** The handlers for operators, over all apps: problems that need attention, the board, and the limits. */
import type { ActivityFeed } from "../../core/activity.ts";
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import type { Hub } from "../../core/hub.ts";
import type { ConnectionCount } from "../../core/limits/connection-count.ts";
import type { LimitSources } from "../../core/limits/limit-sources.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Nodes } from "../../core/ports/nodes.ts";
import type { StatsStore } from "../../core/ports/stats-store.ts";
import type { WebhookControl } from "../../core/ports/webhook-control.ts";
import type { WebhookHistory } from "../../core/ports/webhook-history.ts";
import type { WebhookStore } from "../../core/ports/webhook-store.ts";
import { AppLimits } from "../../live/app-limits.ts";
import type { ErrorHours } from "../../live/error-hours.ts";
import { UnknownKeys } from "../../live/unknown-keys.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import { createReadLimits } from "../../management/read-limits.ts";
import { createReadRecent } from "../../management/read-recent.ts";
import type { DescribeApp } from "../apps/apps.ts";
import { createReadWebhookStates } from "../apps/webhook-states.ts";
import { createAttentionHandlers } from "./attention.ts";
import { createBoardHandlers } from "./board.ts";
import { createLimitHandlers } from "./limits.ts";

export interface OperatorNeeds {
  readonly parts: {
    readonly registry: AppRegistry;
    readonly hub: Hub;
    readonly activity: ActivityFeed;
    readonly clock: Clock;
    readonly nodes: Nodes;
    readonly allNodes: AllNodes;
    readonly limits: LimitSources;
  };
  readonly webhooks: {
    readonly store: Pick<WebhookStore, "list">;
    readonly history: Pick<WebhookHistory, "givenUp">;
    readonly control: Pick<WebhookControl, "circuit">;
  };
  readonly stats: Pick<StatsStore, "recent" | "peaks">;
  readonly errors: ErrorHours;
  readonly describeApp: DescribeApp;
  readonly connectionCount: ConnectionCount;
  readonly errorsOfLastMinute: () => ReadonlyMap<string, number>;
}

export function createOperatorHandlers({ parts, webhooks, stats, ...rest }: OperatorNeeds) {
  const { registry, hub, activity, clock, nodes, allNodes, limits: sources } = parts;
  const { errors, describeApp, connectionCount, errorsOfLastMinute } = rest;
  const appLimits = new AppLimits(activity, { registry, hub, clock });
  const limits = createReadLimits({ registry, appLimits, sources, stats, allNodes, clock, connectionCount });
  const webhookStates = createReadWebhookStates(webhooks.store, webhooks.history, webhooks.control, allNodes);
  const common = { registry, allNodes, describeApp, webhookStates, limits };
  return {
    ...createAttentionHandlers({ ...common, errors, nodes, unknownKeys: new UnknownKeys(activity, clock) }),
    ...createBoardHandlers({ ...common, errorsOfLastMinute, readRecent: createReadRecent(stats, clock) }),
    ...createLimitHandlers(limits),
  };
}
