/** Creates apps and secrets, and generates the values that were not given. */
import { randomBytes, randomInt } from "node:crypto";
import type { AppRecord, Secret, SecretState } from "./app.ts";
import { type AppSettings, defaultAppSettings } from "./app-settings.ts";

export interface NewApp {
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly secret?: string | undefined;
  readonly name?: string | undefined;
  readonly settings?: Partial<AppSettings> | undefined;
}

/** A generated id has 10 digits, a generated key 20 hex digits. */
export function newApp(given: NewApp, createdBy: string, nowMs: number): AppRecord {
  const id = given.id ?? String(randomInt(1_000_000_000, 10_000_000_000));
  return {
    id,
    key: given.key ?? randomBytes(10).toString("hex"),
    name: given.name ?? `App ${id}`,
    isEnabled: true,
    secrets: [newSecret("active", createdBy, nowMs, given.secret)],
    settings: { ...defaultAppSettings, ...given.settings },
    createdAtMs: nowMs,
    revision: 1,
  };
}

/** A generated value is 128 random bits in hex. */
export function newSecret(state: SecretState, createdBy: string, nowMs: number, value?: string): Secret {
  return {
    id: randomBytes(8).toString("hex"),
    value: value ?? randomBytes(16).toString("hex"),
    state,
    createdAtMs: nowMs,
    createdBy,
    activatedAtMs: state === "active" ? nowMs : null,
    revokedAtMs: null,
    lastUsed: {},
  };
}
