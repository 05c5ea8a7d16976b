/** Creates the management of apps: the actions and the admin API. */
import { createCloseDistrusted } from "../actions/close-distrusted.ts";
import { createHandleClusterMessage } from "../actions/handle-cluster-message.ts";
import { type AdminApiStores, createAdminApi } from "../admin-api/admin-api.ts";
import type { LastPing } from "../admin-api/apps/history.ts";
import type { AuthenticateSession } from "../admin-api/authenticate.ts";
import type { ClientAddress } from "../admin-api/contracts/server.ts";
import type { FailureWatch } from "../admin-api/problem.ts";
import type { Config } from "../config/config.ts";
import type { ErrorStore } from "../core/ports/error-store.ts";
import type { StatsStore } from "../core/ports/stats-store.ts";
import type { WebhookControl } from "../core/ports/webhook-control.ts";
import type { WebhookHistory } from "../core/ports/webhook-history.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { ErrorHours } from "../live/error-hours.ts";
import { createAddApp } from "../management/add-app.ts";
import { AllNodes } from "../management/all-nodes.ts";
import { createChangeApp } from "../management/change-app.ts";
import { createDeleteApp } from "../management/delete-app.ts";
import { createInstallApp } from "../management/install-app.ts";
import type { LocalhostWebhooks } from "../management/localhost-webhooks.ts";
import { createManageWebhooks } from "../management/manage-webhooks.ts";
import { createReadStats } from "../management/read-stats.ts";
import { createRecordSecretUses } from "../management/record-secret-uses.ts";
import { createRotateSecret } from "../management/rotate-secret.ts";
import { createSeedApp } from "../management/seed-app.ts";
import { createUpdateApp } from "../management/update-app.ts";
import type { AppCounters } from "../metrics/app-counters.ts";
import { StatsCollector } from "../metrics/stats-collector.ts";
import { version } from "./build.ts";
import type { ProtocolStack } from "./protocol-stack.ts";
import type { SharedParts } from "./shared-parts.ts";

const dayMs = 86_400_000;

export interface ManagementOptions {
  readonly authenticateSession: AuthenticateSession;
  readonly webhooks: {
    readonly store: WebhookStore;
    readonly history: WebhookHistory;
    readonly control: WebhookControl & {
      readonly localhost: LocalhostWebhooks;
      /** Like `tryNow`, if this node delivers. */
      tryNowHere(webhookId: string): void;
    };
  };
  readonly clientAddress: () => ClientAddress;
  readonly counters: AppCounters;
  readonly lastPing: LastPing;
  readonly failures: FailureWatch;
  /** The token of commands on this machine. */
  readonly ownerToken: string;
}

export type Management = ReturnType<typeof createManagement>;

export function createManagement(
  config: Config,
  shared: SharedParts,
  stores: AdminApiStores & { readonly stats: StatsStore; readonly errors: ErrorStore },
  { publish, readCachedEvent, readHistory, terminateUser }: ProtocolStack,
  { counters, webhooks, failures, ownerToken, ...rest }: ManagementOptions,
) {
  const { registry, hub, clock, bus, nodes } = shared;
  const { onBug, isDatabaseUnreachable } = failures;
  const allNodes = new AllNodes(nodes, bus, shared.figures === null);
  const closeDistrusted = createCloseDistrusted(registry, hub, bus);
  const work = createAppWork(config, { ...shared, allNodes }, stores, closeDistrusted);
  const stats = new StatsCollector(counters, stores.stats, clock, async (error) => {
    // A minute that could not be saved is saved with the next one.
    if (!(await isDatabaseUnreachable())) onBug(error);
  });
  const readStats = createReadStats(stores.stats, (appId) => stats.unsaved(appId), allNodes);
  const errorHours = new ErrorHours(shared.activity, { registry, clock, nodeId: nodes.id }, stores.errors);
  bus.onQuestion("reload-app", async ({ appId }) => {
    await work.installApp.reload(appId);
    return {};
  });
  const manage = createManageWebhooks(webhooks.store, stores.inOneTransaction, webhooks.control, clock);
  const api = createAdminApi(
    { ...shared, allNodes },
    stores,
    {
      ...work,
      readStats,
      errorHours,
      publish,
      readCachedEvent,
      readHistory,
      webhooks: { ...webhooks, manage, localhost: webhooks.control.localhost },
    },
    {
      version,
      bodyBytesMax: config.httpBodyBytesMax,
      fixedTokens: [
        { kind: "cli", name: "cli", value: ownerToken },
        ...(config.adminToken === null
          ? []
          : [{ kind: "adminToken" as const, name: "SOKETIFY_ADMIN_TOKEN", value: config.adminToken }]),
      ],
      secretUseGuardMs: config.secretUseGuardMs,
      secretAgeWarningMs: config.secretAgeWarningDays * dayMs,
      publishLog: {
        publishesPerApp: config.publishLogMax,
        ageMsMax: config.publishLogAgeMs,
        hasData: config.publishLogData,
        perApp: config.publishLogBytesPerAppMax,
        inAll: config.publishLogBytesMax,
      },
      settingRules: shared.ceilings.rules(),
      errorsOfLastMinute: () => stats.errorsOfLastMinute(),
      messagesLastMinute: (appId) => stats.messagesLastMinute(appId) + nodes.messagesElsewhere(appId),
      announceAccessChanged: () => bus.broadcast({ type: "access-changed" }),
      ...rest,
      ...failures,
    },
  );
  const here = {
    closeDistrusted: closeDistrusted.here,
    recheckAccess: () => api.recheckAccess(),
    tryWebhook: webhooks.control.tryNowHere,
  };
  bus.onMessage(createHandleClusterMessage(terminateUser, here));
  const { installApp, recordSecretUses, seedApp } = work;
  return { api, installApp, recordSecretUses, seedApp, stats, errorHours };
}

/** The actions that change apps. */
function createAppWork(
  config: Config,
  { registry, hub, bus, clock, ceilings, allNodes }: SharedParts & { readonly allNodes: AllNodes },
  { apps, inOneTransaction }: AdminApiStores,
  closeDistrusted: ReturnType<typeof createCloseDistrusted>,
) {
  const installApp = createInstallApp(apps, registry, hub, bus);
  const changeApp = createChangeApp(apps, inOneTransaction, installApp);
  const recordSecretUses = createRecordSecretUses(apps, registry, allNodes);
  const addApp = createAddApp(inOneTransaction, installApp, clock, ceilings);
  const { secretUseGuardMs } = config;
  return {
    installApp,
    recordSecretUses,
    addApp,
    updateApp: createUpdateApp(changeApp, ceilings),
    deleteApp: createDeleteApp(inOneTransaction, installApp),
    rotateSecret: createRotateSecret(changeApp, recordSecretUses, closeDistrusted, {
      clock,
      secretUseGuardMs,
    }),
    seedApp: createSeedApp(apps, addApp, changeApp, clock),
  };
}
