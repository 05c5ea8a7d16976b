/** An app: a tenant with its own credentials, settings, channels and connections. */
import type { AppSettings } from "./app-settings.ts";

export interface App {
  /** A generated id has only digits, because some SDKs parse it as a number. */
  readonly id: string;
  /** Public. A generated key is lower-case hex, because one SDK converts it to lower case. */
  readonly key: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly settings: AppSettings;
  readonly createdAtMs: number;
  /** Increases with each change. The store refuses to save an older revision. */
  readonly revision: number;
}

/** An app with its secrets. Only the store, the registry and the management of apps use it. */
export interface AppRecord extends App {
  /** One active, at most one pending, and the latest revoked ones. */
  readonly secrets: readonly Secret[];
}

/** `active` signs and verifies, `pending` only verifies, `revoked` does neither. */
export type SecretState = "active" | "pending" | "revoked";

export interface Secret {
  readonly id: string;
  readonly value: string;
  readonly state: SecretState;
  readonly createdAtMs: number;
  /** The creator: a person's e-mail, a token's label, `cli`, `environment` or `first start`. */
  readonly createdBy: string;
  readonly activatedAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** When it last verified a signature, by purpose, as stored when the app was read. */
  readonly lastUsed: SecretLastUsed;
}

export type SecretPurpose = "httpApi" | "channelAuthorization" | "signIn";

export type SecretLastUsed = { readonly [Purpose in SecretPurpose]?: number };

/** The secret that Soketify signs with. */
export function activeSecret(record: AppRecord): Secret {
  const secret = record.secrets.find(({ state }) => state === "active");
  if (secret === undefined) throw new Error(`App ${record.id} has no active secret`);
  return secret;
}

export function pendingSecret(record: AppRecord): Secret | null {
  return record.secrets.find(({ state }) => state === "pending") ?? null;
}
