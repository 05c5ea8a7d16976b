/** Creates an app. Clients can connect to it immediately. */
import { type Actor, actorLabel, auditActor } from "../core/actor.ts";
import { type AppRecord, activeSecret } from "../core/apps/app.ts";
import { type NewApp, newApp } from "../core/apps/new-app.ts";
import { SettingCeilings } from "../core/apps/setting-ceilings.ts";
import { AppConflict } from "../core/ports/app-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import { Refusal } from "../core/refusal.ts";
import type { InstallApp } from "./install-app.ts";
import { redacted } from "./secrets.ts";

/**
 * @param create `createFirst`: only if there are no apps
 * @throws Refusal `app_exists` if the id or the key is taken, or the app is not the first; `invalid_request` if a
 * setting is above the server's ceiling
 */
export type AddApp = (actor: Actor, given: NewApp, create?: "create" | "createFirst") => Promise<AppRecord>;

export function createAddApp(
  inOneTransaction: InOneTransaction,
  installApp: InstallApp,
  clock: Pick<Clock, "now">,
  ceilings = new SettingCeilings([]),
): AddApp {
  return async function addApp(actor, given, create = "create") {
    ceilings.check(given.settings ?? {});
    const record = newApp(given, actorLabel(actor), clock.now());
    const { id, key, name, settings } = record;
    const after = { id, key, name, settings, secret: redacted(activeSecret(record)) };
    const what = { action: "app.create", target: `app ${id}`, appId: id, before: null, after } as const;
    try {
      await inOneTransaction(async ({ apps, audit }) => {
        await apps[create](record);
        await audit.append({ ...auditActor(actor), ...what });
      });
    } catch (error) {
      if (!(error instanceof AppConflict)) throw error;
      const other = create === "create" ? `An app with the id ${id} or the key ${key}` : "An app";
      throw new Refusal("app_exists", `${other} already exists`);
    }
    await installApp(record);
    return record;
  };
}
