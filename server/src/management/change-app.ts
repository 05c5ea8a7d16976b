/**
 * Changes an app: saves it with an entry in the audit log, and installs it on all nodes. All changes of apps use
 * this.
 */
import { type Actor, auditActor } from "../core/actor.ts";
import type { AppRecord } from "../core/apps/app.ts";
import type { AuditAction } from "../core/audit-actions.ts";
import { AppChanged, type AppStore } from "../core/ports/app-store.ts";
import type { InOneTransaction } from "../core/ports/transactions.ts";
import { Refusal } from "../core/refusal.ts";
import type { InstallApp } from "./install-app.ts";

/** The result of a change, and its entry in the audit log. */
export interface Change {
  readonly record: AppRecord;
  readonly action: AuditAction;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * @param change runs again on the new record if another change was saved first
 * @throws Refusal `app_not_found`, or `app_changed` after too many conflicts; and the errors of `change`
 */
export type ChangeApp = (
  appId: string,
  actor: Actor,
  change: (record: AppRecord) => Change,
) => Promise<AppRecord>;

const attemptsMax = 5;

export function createChangeApp(
  store: Pick<AppStore, "find">,
  inOneTransaction: InOneTransaction,
  installApp: InstallApp,
): ChangeApp {
  return async function changeApp(appId, actor, change) {
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const { record, action, target, before, after } = change(await findApp(store, appId));
      try {
        await inOneTransaction(async ({ apps, audit }) => {
          await apps.save(record);
          await audit.append({ ...auditActor(actor), action, target, appId, before, after });
        });
      } catch (error) {
        if (error instanceof AppChanged) continue;
        throw error;
      }
      const saved = { ...record, revision: record.revision + 1 };
      await installApp(saved);
      return saved;
    }
    throw new Refusal("app_changed", `Other requests keep changing app ${appId}: try again`);
  };
}

/** @throws Refusal `app_not_found` */
export async function findApp(store: Pick<AppStore, "find">, appId: string): Promise<AppRecord> {
  const record = await store.find(appId);
  if (record === null) throw appNotFound(appId);
  return record;
}

export function appNotFound(appId: string): Refusal {
  return new Refusal("app_not_found", `There is no app ${appId.slice(0, 50)}`);
}
