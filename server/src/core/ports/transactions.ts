/** Changes that are kept as a whole or not at all, with the line of the audit log that tells of them. */
import type { AccountStore } from "./account-store.ts";
import type { AppStore } from "./app-store.ts";
import type { AuditLog } from "./audit-log.ts";
import type { TokenStore } from "./token-store.ts";
import type { WebhookHistory } from "./webhook-history.ts";
import type { WebhookStore } from "./webhook-store.ts";

/** The stores as a part of one transaction. */
export interface StoresOfChange {
  readonly apps: AppStore;
  readonly webhooks: WebhookStore;
  readonly deliveries: Pick<WebhookHistory, "replay">;
  readonly tokens: TokenStore;
  readonly audit: Pick<AuditLog, "append">;
}

/**
 * Runs `change` as one transaction over the stores that it is given. It may run again where another transaction was in
 * its way, so it does nothing but write to them. It appends to the audit log last: from then on all others wait.
 * @throws what `change` throws; nothing is changed then
 */
export type InOneTransaction = <Result>(
  change: (stores: StoresOfChange) => Promise<Result>,
) => Promise<Result>;

/** The same, for changes of accounts and invitations. */
export type InOnePeopleTransaction = <Result>(
  change: (stores: {
    readonly accounts: AccountStore;
    readonly audit: Pick<AuditLog, "append">;
  }) => Promise<Result>,
) => Promise<Result>;
