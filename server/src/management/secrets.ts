/** What the rotation is made of: the states of secrets, and how much of it the audit log may say. */
import type { AppRecord, Secret } from "../core/app.ts";

/** Enough to know an old secret again when somebody starts the server with it. */
const revokedSecretsMax = 20;

export function revoked(secret: Secret, nowMs: number): Secret {
  return { ...secret, state: "revoked", revokedAtMs: nowMs };
}

/** The record with these in the place of its accepted secrets, and the oldest revoked ones forgotten. */
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

/** For the audit log: which secret, never what it is. */
export function redacted({ id, state }: Secret): { readonly id: string; readonly state: string } {
  return { id, state };
}
