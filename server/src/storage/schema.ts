/** The tables. Columns are snake_case in the database. Times are Unix milliseconds, booleans 0 or 1. */
import type { Generated, Kysely, Transaction } from "kysely";

export interface Schema {
  apps: AppTable;
  secrets: SecretTable;
  dataKeys: DataKeyTable;
  appVersion: { id: number; version: number };
}

export type Database = Kysely<Schema>;
export type DatabaseTransaction = Transaction<Schema>;

interface AppTable {
  id: string;
  key: string;
  name: string;
  isEnabled: number;
  /** JSON of the values that differ from the default, so that a new default reaches old apps. */
  settings: string;
  createdAtMs: number;
  revision: number;
  /** The store's version when it was last changed. */
  changedIn: number;
}

interface SecretTable {
  id: string;
  appId: string;
  /** Keeps the order in which an app lists its secrets. */
  position: number;
  state: string;
  dataKeyId: string;
  sealed: string;
  createdAtMs: number;
  createdBy: string;
  activatedAtMs: number | null;
  revokedAtMs: number | null;
  httpApiAtMs: Generated<number | null>;
  channelAuthorizationAtMs: Generated<number | null>;
  signInAtMs: Generated<number | null>;
}

export interface DataKeyTable {
  id: string;
  masterKeyId: string;
  wrapped: string;
  createdAtMs: number;
}
