/** Assembles the admin API from parts of the server. */

import type { Publish } from "../actions/publish.ts";
import type { ReadCachedEvent } from "../actions/read-cached-event.ts";
import type { ReadHistory } from "../actions/read-history.ts";
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { SettingRule } from "../core/apps/app-settings.ts";
import type { SecretUsers } from "../core/apps/secret-users.ts";
import type { Hub } from "../core/hub.ts";
import { createConnectionCount } from "../core/limits/connection-count.ts";
import type { LimitSources } from "../core/limits/limit-sources.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { NodeStarts } from "../core/ports/node-starts.ts";
import type { Nodes } from "../core/ports/nodes.ts";
import type { Roster } from "../core/ports/roster.ts";
import type { StatsStore } from "../core/ports/stats-store.ts";
import type { TokenStore } from "../core/ports/token-store.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import type { WebhookControl } from "../core/ports/webhook-control.ts";
import type { WebhookHistory } from "../core/ports/webhook-history.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { ActivityHistory } from "../live/activity-history.ts";
import type { ErrorHours } from "../live/error-hours.ts";
import { LiveFeed } from "../live/live-feed.ts";
import { PublishLog, type PublishLogOptions } from "../live/publish-log.ts";
import { PublishRates } from "../live/publish-rates.ts";
import { StreamLimits } from "../live/stream-limits.ts";
import type { AddApp } from "../management/add-app.ts";
import type { AllNodes } from "../management/all-nodes.ts";
import type { DeleteApp } from "../management/delete-app.ts";
import type { LocalhostWebhooks } from "../management/localhost-webhooks.ts";
import type { ManageWebhooks } from "../management/manage-webhooks.ts";
import type { ReadStats } from "../management/read-stats.ts";
import type { RecordSecretUses } from "../management/record-secret-uses.ts";
import { createRevealSecret } from "../management/reveal-secret.ts";
import type { RotateSecret } from "../management/rotate-secret.ts";
import type { UpdateApp } from "../management/update-app.ts";
import { createActivityHandlers } from "./apps/activity.ts";
import { createAppHandlers, createDescribeApp } from "./apps/apps.ts";
import { createChannelHandlers } from "./apps/channels.ts";
import { createConnectionHandlers } from "./apps/connections.ts";
import { createErrorGroupHandlers } from "./apps/error-groups.ts";
import { createEventHandlers } from "./apps/events.ts";
import { createFindUserHandlers } from "./apps/find-users.ts";
import { createHistoryHandlers, type LastPing } from "./apps/history.ts";
import { createLiveHandlers } from "./apps/live.ts";
import { createPublishedHandlers } from "./apps/published.ts";
import { createSecretHandlers } from "./apps/secrets.ts";
import { createStatsHandlers } from "./apps/stats.ts";
import { createTrafficHandlers } from "./apps/traffic.ts";
import { createWebhookHandlers } from "./apps/webhooks.ts";
import {
  type Authenticate,
  type AuthenticateSession,
  createAuthenticate,
  type FixedToken,
} from "./authenticate.ts";
import type { ClientAddress } from "./contracts/server.ts";
import { createAuditHandlers } from "./operator/audit.ts";
import { createLocalhostWebhookHandlers } from "./operator/localhost-webhooks.ts";
import { createNodeStartHandlers } from "./operator/node-starts.ts";
import { createNodeHandlers } from "./operator/nodes.ts";
import { createOperatorHandlers } from "./operator/operator-handlers.ts";
import { createServerHandlers } from "./operator/server-state.ts";
import { createTokenHandlers } from "./operator/tokens.ts";
import type { FailureWatch } from "./problem.ts";
import { type AdminRoutes, createAdminRoutes } from "./routes.ts";

export interface AdminApiParts {
  readonly registry: AppRegistry;
  readonly hub: Hub;
  readonly roster: Roster;
  readonly activity: ActivityFeed;
  readonly clock: Clock;
  readonly secretUsers: SecretUsers;
  readonly nodes: Nodes;
  readonly bus: ClusterBus;
  readonly allNodes: AllNodes;
  readonly limits: LimitSources;
}

export interface AdminApiStores {
  readonly webhooks: Pick<WebhookStore, "list">;
  readonly apps: AppStore;
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
  readonly stats: Pick<StatsStore, "recent" | "peaks">;
  readonly nodeStarts: Pick<NodeStarts, "list">;
  readonly inOneTransaction: InOneTransaction;
}

export interface AdminApiWebhooks {
  readonly manage: ManageWebhooks;
  readonly history: Pick<WebhookHistory, "list" | "tally" | "givenUp">;
  readonly control: WebhookControl;
  readonly localhost: LocalhostWebhooks;
}

export interface AdminApiActions {
  readonly addApp: AddApp;
  readonly updateApp: UpdateApp;
  readonly deleteApp: DeleteApp;
  readonly rotateSecret: RotateSecret;
  readonly recordSecretUses: RecordSecretUses;
  readonly readStats: ReadStats;
  readonly errorHours: ErrorHours;
  readonly publish: Publish;
  readonly readCachedEvent: ReadCachedEvent;
  readonly readHistory: ReadHistory;
  readonly webhooks: AdminApiWebhooks;
}

export interface AdminApiOptions extends FailureWatch {
  readonly version: string;
  readonly settingRules: Readonly<Record<string, SettingRule>>;
  /** The body limit of authenticated requests. */
  readonly bodyBytesMax: number;
  /** Tokens outside the store: the configured token, and the one of the machine's owner. */
  readonly fixedTokens: readonly FixedToken[];
  readonly authenticateSession: AuthenticateSession;
  readonly secretUseGuardMs: number;
  /** The age at which a secret counts as old; 0: never. */
  readonly secretAgeWarningMs: number;
  /** The app's messages on all nodes. */
  readonly messagesLastMinute: (appId: string) => number;
  /** Errors on this node in the last complete minute, by app id. */
  readonly errorsOfLastMinute: () => ReadonlyMap<string, number>;
  readonly lastPing: LastPing;
  readonly publishLog: PublishLogOptions;
  readonly clientAddress: () => ClientAddress;
  /** Notifies the other nodes, which then call their `recheckAccess`. */
  readonly announceAccessChanged: () => void;
}

export interface AdminApi {
  /** Mount it at `/api/v1`. */
  readonly routes: AdminRoutes;
  /** Authenticates callers, for other routes with the same callers. */
  readonly authenticate: Authenticate;
  /** Call it when somebody may have lost a permission: ends the streams that depend on it, here and on other nodes. */
  accessChanged(): void;
  /** The same for this node only, after a message from another node. */
  recheckAccess(): void;
  /** Ends the live streams, which would delay a stop. */
  close(): void;
}

export function createAdminApi(
  parts: AdminApiParts,
  stores: AdminApiStores,
  actions: AdminApiActions,
  options: AdminApiOptions,
): AdminApi {
  const { registry, hub, roster, activity, clock, nodes, bus, allNodes, secretUsers } = parts;
  const { webhooks } = actions;
  const { secretUseGuardMs, secretAgeWarningMs, messagesLastMinute } = options;
  const connectionCount = createConnectionCount(hub, nodes);
  const describeApp = createDescribeApp(
    registry,
    { connectionCount, messagesLastMinute },
    { clock, secretAgeWarningMs },
  );
  const feed = new LiveFeed(activity, clock, allNodes.isAlone ? null : { bus, me: () => allNodes.me });
  const streamLimits = new StreamLimits();
  const history = new ActivityHistory(activity, clock);
  const publishLog = new PublishLog(activity, clock, options.publishLog);
  parts.limits.addBudget("publishLogBytes", publishLog.budget);
  const handlers = {
    ...createServerHandlers(options.version, options.settingRules, options.clientAddress),
    ...createNodeHandlers(nodes, allNodes.isAlone, clock),
    ...createNodeStartHandlers(stores.nodeStarts),
    ...createAppHandlers(registry, describeApp, actions, clock),
    ...createSecretHandlers(
      stores.apps,
      { recordSecretUses: actions.recordSecretUses, secretUsers, allNodes },
      { rotation: actions.rotateSecret, reveal: createRevealSecret(stores.apps, stores.audit) },
      { clock, secretUseGuardMs },
    ),
    ...createChannelHandlers(roster, actions, hub, allNodes),
    ...createConnectionHandlers(hub, history, stores.audit, { allNodes, bus }),
    ...createOperatorHandlers({
      parts,
      stats: stores.stats,
      errors: actions.errorHours,
      describeApp,
      connectionCount,
      webhooks: { ...webhooks, store: stores.webhooks },
      errorsOfLastMinute: options.errorsOfLastMinute,
    }),
    ...createErrorGroupHandlers(actions.errorHours, allNodes, clock),
    ...createHistoryHandlers(history, hub, options.lastPing, allNodes),
    ...createFindUserHandlers(registry, { hub, history }, allNodes),
    ...createPublishedHandlers(publishLog, { hub, history }, allNodes),
    ...createTrafficHandlers(new PublishRates(activity, clock), allNodes),
    ...createEventHandlers(actions.publish, registry, roster),
    ...createLocalhostWebhookHandlers(webhooks.localhost),
    ...createWebhookHandlers(webhooks.manage, webhooks.history, webhooks.control, {
      inOneTransaction: stores.inOneTransaction,
      clock,
    }),
    ...createActivityHandlers({ hub, history, publishLog }, allNodes),
    ...createLiveHandlers({ feed, streamLimits }, registry, clock),
    ...createStatsHandlers(actions.readStats, clock),
    ...createTokenHandlers(stores.tokens, registry, stores.inOneTransaction, clock),
    ...createAuditHandlers(stores.audit),
  };
  const authenticate = createAuthenticate(
    { tokens: stores.tokens, apps: registry },
    options.fixedTokens,
    options.authenticateSession,
    clock,
  );
  const accessChanged = () => {
    streamLimits.recheck();
    options.announceAccessChanged();
  };
  return {
    routes: createAdminRoutes(handlers, authenticate, registry, { ...options, accessChanged }),
    authenticate,
    accessChanged,
    recheckAccess: () => streamLimits.recheck(),
    close: () => feed.close(),
  };
}
