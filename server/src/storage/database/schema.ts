/** The tables. Columns are snake_case in the database. Times are Unix milliseconds, booleans 0 or 1. */
import type { Generated, Kysely, Transaction } from "kysely";

export interface Schema {
  apps: AppTable;
  secrets: SecretTable;
  dataKeys: DataKeyTable;
  appVersion: { id: number; version: number };
  webhooks: WebhookTable;
  webhookDeliveries: WebhookDeliveryTable;
  webhookDepartures: WebhookDepartureTable;
  webhookState: WebhookStateTable;
  webhookOrder: { id: number; departures: number };
  accounts: AccountTable;
  /** A single row, which transactions that change owners lock. */
  accountLock: { id: number; turn: number };
  accountIdentities: { issuer: string; subject: string; accountId: string };
  accountSecondFactors: SecondFactorTable;
  accountInvitations: InvitationTable;
  loginSessions: SessionTable;
  pendingLogins: PendingLoginTable;
  serverSecrets: { name: string; dataKeyId: string; sealed: string };
  apiTokens: TokenTable;
  auditRows: AuditTable;
  auditHead: AuditHeadTable;
  appStats: StatsTable;
  errorHours: ErrorHourTable;
  nodeStarts: NodeStartTable;
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

interface WebhookTable {
  id: string;
  appId: string;
  url: string;
  /** A JSON list. */
  events: string;
  /** JSON. */
  filters: string;
  dataKeyId: string;
  sealedHeaders: string;
  isBatching: number;
  isEnabled: number;
  disabledReason: string | null;
  createdAtMs: number;
}

interface WebhookStateTable {
  id: number;
  version: number;
  leasedBy: string;
  /** Unix milliseconds on the database's clock. */
  leasedUntilMs: number;
  leaseToken: number;
  isLocalhostAllowed: Generated<number>;
}

interface WebhookDeliveryTable {
  sequence: Generated<number>;
  id: string;
  webhookId: string;
  messageId: string | null;
  type: string;
  channel: string;
  event: string;
  state: string;
  attempts: number;
  createdAtMs: number;
  /** On the database's clock: when it was written or last replayed. */
  queuedAtMs: number;
  /** On the database's clock: when the next attempt is planned; a past time if it need not wait. */
  dueAtMs: number;
  attemptedAtMs: number | null;
  durationMs: number | null;
  status: number | null;
  answer: string | null;
  /** A `traceparent`. */
  cause: string | null;
}

interface WebhookDepartureTable {
  key: string;
  appId: string;
  type: string;
  channel: string;
  userId: string | null;
  event: string;
  createdAtMs: number;
  /** The revision of the roster's change. */
  revision: number;
  /** By the database's clock. When it was settled, if it is. */
  dueAtMs: number;
  /** Increases in the order of writing. */
  position: number;
  /** 1 after its delay, when its event was written. It is kept for a minute: see `OutboxWrite`. */
  isSettled: number;
  /** A `traceparent`. */
  cause: string | null;
}

interface AccountTable {
  id: string;
  email: string;
  name: string;
  role: string;
  /** A JSON list; null for all apps. */
  appIds: string | null;
  passwordHash: string | null;
  createdAtMs: number;
}

interface SecondFactorTable {
  accountId: string;
  sealedSecret: string;
  sealedBackupCodes: string;
  isConfirmed: number;
  lastUsedStep: number;
  tries: number;
  lockedUntilMs: number;
}

interface InvitationTable {
  id: string;
  tokenHash: string;
  /** Null for the setup link. */
  email: string | null;
  role: string;
  appIds: string | null;
  invitedBy: string;
  /** The account that created it, directly or with a token; null if there is none. */
  ownerId: string | null;
  createdAtMs: number;
  expiresAtMs: number;
}

interface SessionTable {
  id: string;
  accountId: string;
  tokenHash: string;
  address: string | null;
  userAgent: string | null;
  createdAtMs: number;
  seenAtMs: number;
  expiresAtMs: number;
}

interface PendingLoginTable {
  tokenHash: string;
  accountId: string;
  method: string;
  tries: number;
  expiresAtMs: number;
}

interface TokenTable {
  id: string;
  /** The account that created it, directly or with a token; null if there is none. */
  ownerId: string | null;
  hash: string;
  name: string;
  /** A JSON list. */
  scopes: string;
  createdBy: string;
  createdAtMs: number;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
  revokedAtMs: number | null;
}

interface AuditHeadTable {
  id: number;
  /** Writers increment it to lock the row, which serializes the writers of all processes. */
  turn: number;
  /** The number of the newest row; 0, with an empty hash, if there was none. */
  sequence: number;
  hash: string;
  /** The first row that is hashed with the key; null if there is no key yet. */
  keyedFrom: number | null;
  /** The newest row that was removed for its age; 0, with an empty hash, if there was none. */
  removedUpTo: number;
  removedHash: string;
  /** Over all columns above, with the key. */
  mac: string;
}

interface AuditTable {
  sequence: number;
  atMs: number;
  /** Null, like the id, in rows from before it was recorded. */
  actorKind: string | null;
  actorId: string | null;
  actor: string;
  action: string;
  target: string;
  appId: string | null;
  address: string | null;
  /** JSON, exactly as it was hashed. */
  before: string | null;
  after: string | null;
  hash: string;
}

interface StatsTable {
  resolution: string;
  appId: string;
  startMs: number;
  connections: number;
  connectionsPeak: number;
  messagesIn: number;
  messagesOut: number;
  apiRequests: number;
  errors: number;
}

interface ErrorHourTable {
  appId: string;
  hourMs: number;
  groupId: string;
  nodeId: string;
  errors: number;
  firstMs: number;
  lastMs: number;
  /** JSON: the cause, the affected clients, and the newest errors. */
  details: string;
}

interface NodeStartTable {
  nodeId: string;
  name: string;
  version: string;
  /** Null: the node ran from source. */
  commitHash: string | null;
  atMs: number;
}
