/** Returns a secret to a person, after an entry in the audit log was written. */
import { type Actor, auditActor } from "../core/actor.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import { findApp } from "./change-app.ts";

/** @throws Refusal `app_not_found` or `secret_not_found` */
export type RevealSecret = (appId: string, actor: Actor, secretId: string) => Promise<string>;

export function createRevealSecret(
  store: Pick<AppStore, "find">,
  audit: Pick<AuditLog, "append">,
): RevealSecret {
  return async function revealSecret(appId, actor, secretId) {
    const { secrets } = await findApp(store, appId);
    const secret = secrets.find(({ id }) => id === secretId);
    if (secret === undefined) {
      throw new Refusal("secret_not_found", `App ${appId} has no secret ${secretId.slice(0, 50)}`);
    }
    await audit.append({
      ...auditActor(actor),
      action: "secret.reveal",
      target: `secret ${secretId}`,
      appId,
      before: null,
      after: null,
    });
    return secret.value;
  };
}
