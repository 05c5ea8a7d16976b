/** The stores, put together. */
import type { Config } from "../config/config.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { AppFeed } from "../storage/app-feed.ts";
import { protectDataFolder } from "../storage/data-folder.ts";
import { KyselyAuditLog } from "../storage/kysely-audit-log.ts";
import { KyselyStatsStore } from "../storage/kysely-stats-store.ts";
import { KyselyTokenStore } from "../storage/kysely-token-store.ts";
import { KyselyWebhookOutbox } from "../storage/kysely-webhook-outbox.ts";
import { KyselyWebhookStore } from "../storage/kysely-webhook-store.ts";
import { databaseAddress } from "../storage/open-database.ts";
import { openStorage } from "../storage/open-storage.ts";
import { DatabaseWatch } from "./database-watch.ts";
import { systemClock as clock } from "./system-clock.ts";

export type Stores = Awaited<ReturnType<typeof openStores>>;

/** Everything that is kept, over one database. */
export async function openStores(config: Config) {
  protectDataFolder(config.dataDir);
  const { db, keys, store, apps, feed, writes } = await openStorage(
    databaseAddress(config),
    config.masterKey,
    clock,
  );
  return {
    database: new DatabaseWatch(db, feed, writes),
    /** Whether that is why something failed: asked of the database itself. */
    isFailing: async () => (await writes.isFailing()) || (await feed.isAway()),
    /** What of the database is wrong and outlived, in words. */
    degradations: () => [
      ...(feed.isReachable ? [] : ["the database is away: the apps that are known are served"]),
      ...(feed.isSnapshotOld
        ? ["the snapshot of the apps cannot be written: a start without the database would serve older ones"]
        : []),
      ...(writes.problem === null ? [] : [`the database takes no changes: ${writes.problem}`]),
    ],
    ...{ db, keys, knownApps: apps, apps: keptInSnapshot(store, feed) },
    tokens: new KyselyTokenStore(db),
    audit: new KyselyAuditLog(db, clock),
    stats: new KyselyStatsStore(db),
    webhooks: new KyselyWebhookStore(db, keys),
    outbox: new KyselyWebhookOutbox(db),
  };
}

/**
 * A change is in the snapshot when it is answered: a start without the database must neither miss a new app nor bring
 * a revoked secret back.
 */
function keptInSnapshot(store: AppStore, feed: AppFeed): AppStore {
  return {
    list: () => store.list(),
    find: (appId) => store.find(appId),
    version: () => store.version(),
    recordSecretUses: (uses) => store.recordSecretUses(uses),
    async create(app) {
      await store.create(app);
      await feed.poll();
    },
    async save(app) {
      await store.save(app);
      await feed.poll();
    },
    async delete(appId) {
      const wasThere = await store.delete(appId);
      await feed.poll();
      return wasThere;
    },
  };
}
