/** Creates the stores. */
import type { Config } from "../config/config.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import type { AppFeed } from "../storage/apps/app-feed.ts";
import { KyselyAuditLog } from "../storage/audit/kysely-audit-log.ts";
import { protectDataFolder } from "../storage/database/data-folder.ts";
import { databaseAddress } from "../storage/database/open-database.ts";
import { createInOneTransaction } from "../storage/in-one-transaction.ts";
import { AuditKey } from "../storage/keys/audit-key.ts";
import { KyselyErrorStore } from "../storage/kysely-error-store.ts";
import { KyselyNodeStarts } from "../storage/kysely-node-starts.ts";
import { KyselyStatsStore } from "../storage/kysely-stats-store.ts";
import { openStorage } from "../storage/open-storage.ts";
import { KyselyTokenStore } from "../storage/people/kysely-token-store.ts";
import { KyselyWebhookHistory } from "../storage/webhooks/kysely-webhook-history.ts";
import { KyselyWebhookOutbox } from "../storage/webhooks/kysely-webhook-outbox.ts";
import { KyselyWebhookStore } from "../storage/webhooks/kysely-webhook-store.ts";
import { DatabaseWatch } from "./database-watch.ts";
import { systemClock as clock } from "./system-clock.ts";

export type Stores = Awaited<ReturnType<typeof openStores>>;

/** Opens all stores over one database. */
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
    /** Asks the database whether it is the cause of a failure. */
    isFailing: async () => (await writes.isFailing()) || (await feed.isUnreachable()),
    /** Database problems that the server tolerates, as sentences. */
    degradations: () => [
      ...(feed.isReachable ? [] : ["the database is unreachable; known apps are still served"]),
      ...(feed.isSnapshotOld
        ? ["the snapshot of the apps cannot be written; a start without the database would use an older one"]
        : []),
      ...(writes.problem === null ? [] : [`the database accepts no writes: ${writes.problem}`]),
    ],
    db,
    keys,
    auditKey,
    knownApps: apps,
    apps: store,
    inOneTransaction: keptInSnapshot(createInOneTransaction(db, { keys, auditKey }, clock), feed),
    tokens: new KyselyTokenStore(db),
    audit: new KyselyAuditLog(db, auditKey, clock),
    stats: new KyselyStatsStore(db),
    errors: new KyselyErrorStore(db),
    nodeStarts: new KyselyNodeStarts(db),
    webhooks: new KyselyWebhookStore(db, keys),
    outbox: new KyselyWebhookOutbox(db),
    webhookHistory: new KyselyWebhookHistory(db),
  };
}

/**
 * Writes a change to the snapshot before it is answered. So a start without the database neither misses a new app nor
 * accepts a revoked secret.
 */
function keptInSnapshot(inOneTransaction: InOneTransaction, feed: AppFeed): InOneTransaction {
  return async (change) => {
    const result = await inOneTransaction(change);
    await feed.catchUp();
    return result;
  };
}
