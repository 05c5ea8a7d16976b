/** Changes the states of secrets, and redacts secrets for the audit log. */
import type { AppRecord, Secret } from "../core/apps/app.ts";

/** Revoked secrets are stored to recognize one that the environment still configures. */
const revokedSecretsMax = 20;

export function revoked(secret: Secret, nowMs: number): Secret {
  return { ...secret, state: "revoked", revokedAtMs: nowMs };
}

/** The record with these secrets in place of its active and pending ones, and without the oldest revoked ones. */
export function withSecrets(record: AppRecord, changed: readonly Secret[]): AppRecord {
  const ids = new Set(changed.map(({ id }) => id));
  const all = [...record.secrets.filter(({ id }) => !ids.has(id)), ...changed];
  const accepted = all.filter(({ state }) => state !== "revoked");
  const old = all
    .filter(({ state }) => state === "revoked")
    .sort((a, b) => (b.revokedAtMs ?? 0) - (a.revokedAtMs ?? 0))
    .slice(0, revokedSecretsMax);
  return { ...record, secrets: [...accepted, ...old] };
}

export function lastUsedAtMs({ lastUsed }: Secret): number | null {
  const times = Object.values(lastUsed);
  return times.length === 0 ? null : Math.max(...times);
}

/** The secret's id and state, for the audit log. */
export function redacted({ id, state }: Secret): { readonly id: string; readonly state: string } {
  return { id, state };
}
