/** Deletes an app and closes its connections. */
import type { AppStore } from "../core/ports/app-store.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import { type Actor, appNotFound, findApp, noted } from "./change-app.ts";
import type { InstallApp } from "./install-app.ts";

/** @throws Refusal `app_not_found` */
export type DeleteApp = (appId: string, actor: Actor) => Promise<void>;

export function createDeleteApp(store: AppStore, audit: AuditLog, installApp: InstallApp): DeleteApp {
  return async function deleteApp(appId, actor) {
    const { key, name } = await findApp(store, appId);
    if (!(await store.delete(appId))) throw appNotFound(appId);
    installApp.remove(appId);
    const before = { id: appId, key, name };
    await audit.append({
      ...noted(actor),
      action: "app.delete",
      target: `app ${appId}`,
      appId,
      before,
      after: null,
    });
  };
}
