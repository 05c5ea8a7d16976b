/** New apps and new secrets, with what they need and nobody gave. */
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

/** Id: a number of 10 digits. Key: 20 hex digits. */
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

/** 128 random bits in hex, unless a value is given. */
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
