/** Changes an app's name, state or settings. The change takes effect immediately. */
import type { Actor } from "../core/actor.ts";
import type { AppRecord } from "../core/apps/app.ts";
import type { AppSettings } from "../core/apps/app-settings.ts";
import { SettingCeilings } from "../core/apps/setting-ceilings.ts";
import type { ChangeApp } from "./change-app.ts";

export interface AppChanges {
  readonly name?: string | undefined;
  readonly isEnabled?: boolean | undefined;
  readonly settings?: Partial<AppSettings> | undefined;
}

/** @throws Refusal `app_not_found`; `invalid_request` if a setting is above the server's ceiling */
export type UpdateApp = (appId: string, actor: Actor, changes: AppChanges) => Promise<AppRecord>;

export function createUpdateApp(changeApp: ChangeApp, ceilings = new SettingCeilings([])): UpdateApp {
  return async function updateApp(appId, actor, { name, isEnabled, settings }) {
    ceilings.check(settings ?? {});
    return changeApp(appId, actor, (record) => {
      const after = {
        name: name ?? record.name,
        isEnabled: isEnabled ?? record.isEnabled,
        settings: { ...record.settings, ...settings },
      };
      const { before: old, after: fresh } = difference(record, after);
      return {
        record: { ...record, ...after },
        action: "app.update",
        target: `app ${appId}`,
        before: old,
        after: fresh,
      };
    });
  };
}

/** Only the fields that differ, so that an entry of the audit log lists the changes. */
function difference(before: Flat, after: Flat): { readonly before: object; readonly after: object } {
  const then: Record<string, unknown> = {};
  const now: Record<string, unknown> = {};
  const left = flat(before);
  for (const [name, value] of Object.entries(flat(after))) {
    if (JSON.stringify(left[name]) === JSON.stringify(value)) continue;
    then[name] = left[name];
    now[name] = value;
  }
  return { before: then, after: now };
}

type Flat = Pick<AppRecord, "name" | "isEnabled" | "settings">;

function flat({ name, isEnabled, settings }: Flat): Record<string, unknown> {
  return { name, isEnabled, ...settings };
}
