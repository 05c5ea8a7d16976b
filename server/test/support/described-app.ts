import type { App } from "../../src/admin-api/contracts/apps.ts";
import { defaultAppSettings } from "../../src/core/apps/app-settings.ts";

/** An enabled app without connections, as the admin API describes it. */
export function describedApp(id: string, key: string, name: string): App {
  return {
    id,
    key,
    name,
    isEnabled: true,
    settings: defaultAppSettings,
    createdAt: "2026-01-02T03:04:05.000Z",
    revision: 1,
    connectionCount: 0,
    messagesLastMinute: 0,
    secret: { id: "s1", ageMs: 0, isOld: false, isRotating: false },
  };
}
