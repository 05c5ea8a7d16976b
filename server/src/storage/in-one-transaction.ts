/** Runs changes together with their audit log entries in one transaction. */
import type { Clock } from "../core/ports/clock.ts";
import type { InOnePeopleTransaction, InOneTransaction } from "../core/ports/transactions.ts";
import { KyselyAppStore } from "./apps/kysely-app-store.ts";
import { KyselyAuditLog } from "./audit/kysely-audit-log.ts";
import { atomically } from "./database/atomically.ts";
import type { Database } from "./database/schema.ts";
import type { AuditKey } from "./keys/audit-key.ts";
import type { DataKeys } from "./keys/data-keys.ts";
import { KyselyAccountStore } from "./people/kysely-account-store.ts";
import { KyselySecondFactorStore } from "./people/kysely-second-factor-store.ts";
import { KyselySessionStore } from "./people/kysely-session-store.ts";
import { KyselyTokenStore } from "./people/kysely-token-store.ts";
import { KyselyWebhookHistory } from "./webhooks/kysely-webhook-history.ts";
import { KyselyWebhookStore } from "./webhooks/kysely-webhook-store.ts";

export function createInOneTransaction(
  db: Database,
  { keys, auditKey }: { readonly keys: DataKeys; readonly auditKey: AuditKey },
  clock: Pick<Clock, "now">,
): InOneTransaction {
  return async function inOneTransaction(change) {
    // Loaded before, because the first load uses a transaction of its own.
    await auditKey.load();
    return atomically(db, (transaction) =>
      change({
        apps: new KyselyAppStore(transaction, keys),
        webhooks: new KyselyWebhookStore(transaction, keys),
        deliveries: new KyselyWebhookHistory(transaction),
        tokens: new KyselyTokenStore(transaction),
        audit: new KyselyAuditLog(transaction, auditKey, clock),
      }),
    );
  };
}

export function createInOnePeopleTransaction(
  db: Database,
  auditKey: AuditKey,
  clock: Pick<Clock, "now">,
): InOnePeopleTransaction {
  return async function inOnePeopleTransaction(change) {
    await auditKey.load();
    return atomically(db, (transaction) =>
      change({
        accounts: new KyselyAccountStore(transaction),
        sessions: new KyselySessionStore(transaction),
        secondFactors: new KyselySecondFactorStore(transaction),
        audit: new KyselyAuditLog(transaction, auditKey, clock),
      }),
    );
  };
}
