/** Makes an app, which clients can reach from that moment. */
import { type AppRecord, activeSecret } from "../core/app.ts";
import { type NewApp, newApp } from "../core/new-app.ts";
import { AppConflict, type AppStore } from "../core/ports/app-store.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import { type Actor, noted } from "./change-app.ts";
import type { InstallApp } from "./install-app.ts";
import { redacted } from "./secrets.ts";

/** @throws Refusal `app_exists` where the id or the key is taken */
export type AddApp = (actor: Actor, given: NewApp) => Promise<AppRecord>;

export function createAddApp(store: AppStore, audit: AuditLog, installApp: InstallApp, clock: Clock): AddApp {
  return async function addApp(actor, given) {
    const record = newApp(given, actor.name, clock.now());
    try {
      await store.create(record);
    } catch (error) {
      if (!(error instanceof AppConflict)) throw error;
      throw new Refusal(
        "app_exists",
        `An app with the id ${record.id} or the key ${record.key} is there already`,
      );
    }
    installApp(record);
    const { id, key, name, settings } = record;
    const after = { id, key, name, settings, secret: redacted(activeSecret(record)) };
    await audit.append({
      ...noted(actor),
      action: "app.create",
      target: `app ${id}`,
      appId: id,
      before: null,
      after,
    });
    return record;
  };
}
