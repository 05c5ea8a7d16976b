/** The stores, put together. */
import type { Config } from "../config/config.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import type { AppFeed } from "../storage/app-feed.ts";
import { AuditKey } from "../storage/audit-key.ts";
import { protectDataFolder } from "../storage/data-folder.ts";
import { createInOneTransaction } from "../storage/in-one-transaction.ts";
import { KyselyAuditLog } from "../storage/kysely-audit-log.ts";
import { KyselyStatsStore } from "../storage/kysely-stats-store.ts";
import { KyselyTokenStore } from "../storage/kysely-token-store.ts";
import { KyselyWebhookHistory } from "../storage/kysely-webhook-history.ts";
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
  const auditKey = new AuditKey(db, keys);
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
    ...{ db, keys, auditKey, knownApps: apps, apps: store },
    inOneTransaction: keptInSnapshot(createInOneTransaction(db, { keys, auditKey }, clock), feed),
    tokens: new KyselyTokenStore(db),
    audit: new KyselyAuditLog(db, auditKey, clock),
    stats: new KyselyStatsStore(db),
    webhooks: new KyselyWebhookStore(db, keys),
    outbox: new KyselyWebhookOutbox(db),
    webhookHistory: new KyselyWebhookHistory(db),
  };
}

/**
 * A change is in the snapshot when it is answered: a start without the database must neither miss a new app nor bring
 * a revoked secret back.
 */
function keptInSnapshot(inOneTransaction: InOneTransaction, feed: AppFeed): InOneTransaction {
  return async (change) => {
    const result = await inOneTransaction(change);
    await feed.catchUp();
    return result;
  };
}
