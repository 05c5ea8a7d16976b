/** An app: a tenant with its own credentials, settings, channels and connections. */
import type { AppSettings } from "./app-settings.ts";

export interface App {
  /** Digits unless another is given: some SDKs parse it. */
  readonly id: string;
  /** Lower-case hex by default: one SDK lower-cases it. Public. */
  readonly key: string;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly settings: AppSettings;
  readonly createdAtMs: number;
  /** Counts the changes; a save from an older one is refused. */
  readonly revision: number;
}

/** What the store and the registry hold. Nothing else needs the secrets, so nothing else is handed them. */
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
  /** Who made it: a person's e-mail, a token's name, `cli`, `environment` or `first start`. */
  readonly createdBy: string;
  readonly activatedAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** When it last verified something, by purpose; what the store knew when the app was read. */
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
