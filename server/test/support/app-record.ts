/** Apps and secrets as in the store, for tests. */
import type { AppRecord, Secret } from "../../src/core/apps/app.ts";
import { defaultAppSettings } from "../../src/core/apps/app-settings.ts";

export function appRecord(id: string, secrets: Secret[]): AppRecord {
  return {
    id,
    key: `key${id}`,
    name: id,
    isEnabled: true,
    settings: defaultAppSettings,
    createdAtMs: 0,
    revision: 1,
    secrets,
  };
}

export function secretOf(state: "active" | "pending", value: string): Secret {
  return {
    id: state,
    value,
    state,
    createdAtMs: 0,
    createdBy: "test",
    activatedAtMs: null,
    revokedAtMs: null,
    lastUsed: {},
  };
}
