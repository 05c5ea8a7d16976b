/** Rotates an app's secret: adds a new secret beside the old one, then replaces the old one. */

import type { CloseDistrusted } from "../actions/close-distrusted.ts";
import { type Actor, actorLabel } from "../core/actor.ts";
import { type AppRecord, activeSecret, pendingSecret, type Secret } from "../core/apps/app.ts";
import { newSecret } from "../core/apps/new-app.ts";
import type { AuditAction } from "../core/audit-actions.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import { refuseIfUnanswered } from "./all-nodes.ts";
import type { Change, ChangeApp } from "./change-app.ts";
import type { RecordSecretUses } from "./record-secret-uses.ts";
import { lastUsedAtMs, redacted, revoked, withSecrets } from "./secrets.ts";

export interface RotateSecret {
  /**
   * Creates a pending secret. With `activate` it becomes the active one immediately. With `closeConnections` too,
   * connections authorized by the old secret are closed and must re-authenticate.
   * @throws Refusal `rotation_pending`, unless forced
   */
  rotate(
    appId: string,
    actor: Actor,
    options: { readonly force: boolean; readonly activate: boolean; readonly closeConnections: boolean },
  ): Promise<Secret>;
  /**
   * @throws Refusal `no_pending_secret`; unless forced also `secret_in_use`, and `nodes_unanswered` if one may use it
   */
  activate(appId: string, actor: Actor, options: { readonly force: boolean }): Promise<Secret>;
  /** @throws Refusal `no_pending_secret` */
  cancel(appId: string, actor: Actor): Promise<Secret>;
}

export function createRotateSecret(
  changeApp: ChangeApp,
  recordSecretUses: RecordSecretUses,
  closeDistrusted: CloseDistrusted,
  { clock, secretUseGuardMs }: { readonly clock: Clock; readonly secretUseGuardMs: number },
): RotateSecret {
  return {
    async rotate(appId, actor, { force, activate, closeConnections }) {
      const made = newSecret(activate ? "active" : "pending", actorLabel(actor), clock.now());
      const distrusted: string[] = [];
      await changeApp(appId, actor, (record) => {
        const pending = pendingSecret(record);
        if (pending !== null && !force) {
          throw new Refusal(
            "rotation_pending",
            "A rotation is in progress: activate or cancel it, or force a new one, which drops the pending secret",
          );
        }
        const dropped = [...(activate ? [activeSecret(record)] : []), ...(pending === null ? [] : [pending])];
        distrusted.splice(0, distrusted.length, ...dropped.map(({ id }) => id));
        const gone = dropped.map((secret) => revoked(secret, clock.now()));
        return secretsChange(record, activate ? "secret.rotate-at-once" : "secret.rotate", [...gone, made]);
      });
      if (closeConnections) for (const secretId of distrusted) closeDistrusted(appId, secretId);
      return made;
    },

    async activate(appId, actor, { force }) {
      // Include the latest uses of every node, which are not yet stored.
      const unanswered = await recordSecretUses.everywhere();
      if (!force) refuseIfUnanswered(unanswered, "It is not known whether the old secret is still in use");
      const record = await changeApp(appId, actor, (app) => {
        const old = activeSecret(app);
        if (!force) refuseWhileUsed(old, clock.now() - secretUseGuardMs);
        const active: Secret = { ...requirePending(app), state: "active", activatedAtMs: clock.now() };
        return secretsChange(app, "secret.activate", [revoked(old, clock.now()), active]);
      });
      return activeSecret(record);
    },

    async cancel(appId, actor) {
      let cancelled: Secret | null = null;
      await changeApp(appId, actor, (record) => {
        cancelled = revoked(requirePending(record), clock.now());
        return secretsChange(record, "secret.cancel", [cancelled]);
      });
      if (cancelled === null) throw new Error("A change was saved that was never made");
      return cancelled;
    },
  };
}

function requirePending(record: AppRecord): Secret {
  const pending = pendingSecret(record);
  if (pending === null) throw new Refusal("no_pending_secret", "No secret is pending: rotate first");
  return pending;
}

function refuseWhileUsed(old: Secret, sinceMs: number): void {
  const usedAtMs = lastUsedAtMs(old);
  if (usedAtMs === null || usedAtMs <= sinceMs) return;
  const lastUsedAt = new Date(usedAtMs).toISOString();
  throw new Refusal(
    "secret_in_use",
    `The old secret is still in use, last at ${lastUsedAt}: deploy the new secret first, or force the activation`,
    { lastUsedAt },
  );
}

function secretsChange(record: AppRecord, action: AuditAction, changed: readonly Secret[]): Change {
  const after = withSecrets(record, changed);
  const target = changed.at(-1);
  return {
    record: after,
    action,
    target: target === undefined ? `app ${record.id}` : `secret ${target.id}`,
    before: { secrets: accepted(record) },
    after: { secrets: accepted(after) },
  };
}

function accepted({ secrets }: AppRecord) {
  return secrets.filter(({ state }) => state !== "revoked").map(redacted);
}
