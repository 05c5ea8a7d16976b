/** The names of all tables in the database. Only these tables get the operator's prefix: add each new table here. */

/** Tables of older releases. Migration 011 removes them. */
const removedTableNames = [
  "people",
  "second_factors",
  "sessions",
  "verifications",
  "person_accounts",
  "invitations",
];

export const tableNames = [
  "apps",
  "secrets",
  "data_keys",
  "app_version",
  "webhooks",
  "webhook_deliveries",
  "webhook_departures",
  "webhook_state",
  "webhook_order",
  "accounts",
  "account_lock",
  "account_identities",
  "account_second_factors",
  "account_invitations",
  "login_sessions",
  "pending_logins",
  "server_secrets",
  "api_tokens",
  "audit_rows",
  "audit_head",
  "app_stats",
  "error_hours",
  "node_starts",
  ...removedTableNames,
];
