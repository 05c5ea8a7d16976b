/** Transactions that make a change and append its entry to the audit log: both or neither. */
import type { AccountStore } from "./account-store.ts";
import type { AppStore } from "./app-store.ts";
import type { AuditLog } from "./audit-log.ts";
import type { SecondFactorStore } from "./second-factor-store.ts";
import type { SessionStore } from "./session-store.ts";
import type { TokenStore } from "./token-store.ts";
import type { WebhookHistory } from "./webhook-history.ts";
import type { WebhookStore } from "./webhook-store.ts";

/** The stores that take part in one transaction. */
export interface StoresOfChange {
  readonly apps: AppStore;
  readonly webhooks: WebhookStore;
  readonly deliveries: Pick<WebhookHistory, "replay" | "replayGivenUp">;
  readonly tokens: TokenStore;
  readonly audit: Pick<AuditLog, "append">;
}

/**
 * Runs `change` as one transaction over the stores passed to it. `change` may run again after a conflict with another
 * transaction, so it must have no other effects. It appends to the audit log last, because the append blocks all
 * other transactions.
 * @throws the error of `change`; nothing is changed then
 */
export type InOneTransaction = <Result>(
  change: (stores: StoresOfChange) => Promise<Result>,
) => Promise<Result>;

/** The stores of people as a part of one transaction. */
export interface PeopleStoresOfChange {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly secondFactors: SecondFactorStore;
  readonly audit: Pick<AuditLog, "append">;
}

/** The same, for changes of accounts, invitations, login sessions and second factors. */
export type InOnePeopleTransaction = <Result>(
  change: (stores: PeopleStoresOfChange) => Promise<Result>,
) => Promise<Result>;
