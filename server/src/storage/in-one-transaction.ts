/** Runs changes together with their audit log entries in one transaction. */
import type { Clock } from "../core/ports/clock.ts";
import type { InOnePeopleTransaction, InOneTransaction } from "../core/ports/transactions.ts";
import { atomically } from "./atomically.ts";
import type { AuditKey } from "./audit-key.ts";
import type { DataKeys } from "./data-keys.ts";
import { KyselyAccountStore } from "./kysely-account-store.ts";
import { KyselyAppStore } from "./kysely-app-store.ts";
import { KyselyAuditLog } from "./kysely-audit-log.ts";
import { KyselySecondFactorStore } from "./kysely-second-factor-store.ts";
import { KyselySessionStore } from "./kysely-session-store.ts";
import { KyselyTokenStore } from "./kysely-token-store.ts";
import { KyselyWebhookHistory } from "./kysely-webhook-history.ts";
import { KyselyWebhookStore } from "./kysely-webhook-store.ts";
import type { Database } from "./schema.ts";

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
