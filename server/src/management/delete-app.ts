/** Deletes an app and closes its connections. */
import { type Actor, auditActor } from "../core/actor.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import { appNotFound, findApp } from "./change-app.ts";
import type { InstallApp } from "./install-app.ts";

/** @throws Refusal `app_not_found` */
export type DeleteApp = (appId: string, actor: Actor) => Promise<void>;

export function createDeleteApp(inOneTransaction: InOneTransaction, installApp: InstallApp): DeleteApp {
  return async function deleteApp(appId, actor) {
    await inOneTransaction(async ({ apps, audit }) => {
      const { key, name } = await findApp(apps, appId);
      if (!(await apps.delete(appId))) throw appNotFound(appId);
      const before = { id: appId, key, name };
      const what = { action: "app.delete", target: `app ${appId}`, appId, before, after: null } as const;
      await audit.append({ ...auditActor(actor), ...what });
    });
    await installApp.remove(appId);
  };
}
