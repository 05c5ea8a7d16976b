/** What manages apps, put together: the actions, and the admin API before them. */
import { randomBytes, randomUUID } from "node:crypto";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { version } from "../../package.json";
import { createCloseDistrusted } from "../actions/close-distrusted.ts";
import { createHandleClusterMessage } from "../actions/handle-cluster-message.ts";
import { type AdminApiStores, createAdminApi } from "../admin-api/admin-api.ts";
import type { AuthenticateSession } from "../admin-api/authenticate.ts";
import type { ClientAddress, Node } from "../admin-api/contract.ts";
import type { LastPing } from "../admin-api/history.ts";
import type { FailureWatch } from "../admin-api/problem.ts";
import type { FirstApp } from "../cli/server-port.ts";
import type { Config } from "../config/config.ts";
import { activeSecret } from "../core/app.ts";
import type { StatsStore } from "../core/ports/stats-store.ts";
import type { WebhookDesk } from "../core/ports/webhook-desk.ts";
import type { WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../core/ports/webhook-store.ts";
import { createAddApp } from "../management/add-app.ts";
import { createChangeApp } from "../management/change-app.ts";
import { createDeleteApp } from "../management/delete-app.ts";
import { createInstallApp } from "../management/install-app.ts";
import { createManageWebhooks } from "../management/manage-webhooks.ts";
import { createRecordSecretUses } from "../management/record-secret-uses.ts";
import { createRotateSecret } from "../management/rotate-secret.ts";
import { createSeedApp } from "../management/seed-app.ts";
import { createUpdateApp } from "../management/update-app.ts";
import { StatsCollector } from "../metrics/stats-collector.ts";
import type { ProtocolStack, SharedParts } from "./protocol-stack.ts";

const dayMs = 86_400_000;

export interface ManagementOptions {
  readonly authenticateSession: AuthenticateSession;
  readonly webhooks: {
    readonly store: WebhookStore;
    readonly outbox: WebhookOutbox;
    readonly desk: WebhookDesk;
  };
  readonly clientAddress: () => ClientAddress;
  readonly describeNode: () => Omit<Node, "id" | "hostname" | "version" | "startedAt" | "uptimeMs">;
  readonly lastPing: LastPing;
  readonly watch: FailureWatch;
}

type Management = ReturnType<typeof createManagement>;

export function createManagement(
  config: Config,
  shared: SharedParts,
  stores: AdminApiStores & { readonly stats: StatsStore },
  { deliver, publish, terminateUser }: ProtocolStack,
  { authenticateSession, webhooks, clientAddress, describeNode, lastPing, watch }: ManagementOptions,
) {
  const { registry, hub, activity, clock, bus } = shared;
  const { apps, audit } = stores;
  const { onBug } = watch;
  const installApp = createInstallApp(apps, registry, hub, bus);
  const changeApp = createChangeApp(apps, audit, installApp);
  const recordSecretUses = createRecordSecretUses(apps, registry);
  const closeDistrusted = createCloseDistrusted(registry, hub, bus);
  const addApp = createAddApp(apps, audit, installApp, clock);
  const stats = new StatsCollector(activity, stores.stats, clock, async (error) => {
    // A minute that was not saved is saved with the next one.
    if (!(await watch.isDatabaseAway())) onBug(error);
  });
  const ownerToken = randomBytes(24).toString("hex");
  const node = {
    id: randomUUID(),
    hostname: hostname(),
    version,
    startedAt: new Date(clock.now()).toISOString(),
  };
  const startedAtMs = clock.now();

  bus.onMessage(
    createHandleClusterMessage(hub, deliver, terminateUser, {
      reload: (appId) => installApp.reload(appId).catch(onBug),
      closeDistrusted: closeDistrusted.here,
    }),
  );

  const api = createAdminApi(
    shared,
    { ...stores, stats },
    {
      addApp,
      updateApp: createUpdateApp(changeApp),
      deleteApp: createDeleteApp(apps, audit, installApp),
      rotateSecret: createRotateSecret(changeApp, recordSecretUses, closeDistrusted, {
        clock,
        secretUseGuardMs: config.secretUseGuardMs,
      }),
      recordSecretUses,
      publish,
      webhooks: {
        ...webhooks,
        manage: createManageWebhooks(webhooks.store, webhooks.desk, audit, clock),
      },
    },
    {
      version,
      fixedTokens: [
        { name: "cli", value: ownerToken },
        ...(config.adminToken === null ? [] : [{ name: "SOKETIFY_ADMIN_TOKEN", value: config.adminToken }]),
      ],
      authenticateSession,
      secretUseGuardMs: config.secretUseGuardMs,
      secretAgeWarningMs: config.secretAgeWarningDays * dayMs,
      messagesLastMinute: (appId) => stats.messagesLastMinute(appId),
      clientAddress,
      describeNodes: async () => [{ ...node, uptimeMs: clock.now() - startedAtMs, ...describeNode() }],
      lastPing,
      ...watch,
    },
  );

  return {
    ...{ api, installApp, recordSecretUses, stats, ownerToken },
    seedApp: createSeedApp(apps, addApp, changeApp, clock),
  };
}

/** The configured app, or a first one where there is none. Answers what was made here, so that a person is told once. */
export async function ensureApp(
  { appId: id, appKey: key, appSecret: secret }: Config,
  { seedApp }: Management,
  log: Logger,
): Promise<FirstApp | null> {
  const isConfigured = id !== null && key !== null && secret !== null;
  const seeded = await seedApp(isConfigured ? { id, key, secret } : null);
  switch (seeded.outcome) {
    case "unchanged":
      return null;
    case "created":
      return { id: seeded.record.id, key: seeded.record.key, secret: activeSecret(seeded.record).value };
    case "secretReplaced":
      log.warn({ appId: id }, "The configured secret is the active one now; the others are revoked");
      return null;
    case "revokedSecretIgnored":
      log.warn({ appId: id }, "The configured secret was revoked, so it is ignored");
      return null;
    default:
      return seeded satisfies never;
  }
}

/** Tells the command line on this machine how to reach this server; readable by its user alone. */
export class LocalServerFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "server.json");
  }

  /** URLs with the path prefix: of the admin API, and of the main port. */
  write(urls: { readonly url: string; readonly clientUrl: string }, token: string): void {
    writeFileSync(this.#path, JSON.stringify({ ...urls, token, pid: process.pid }), { mode: 0o600 });
    // The mode above is for a new file only.
    chmodSync(this.#path, 0o600);
  }

  /** Leaves the file of another process alone. */
  remove(token: string): void {
    try {
      if (readFileSync(this.#path, "utf8").includes(token)) rmSync(this.#path);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
}
