/** The handlers that list secrets without their values, rotate them, and reveal them. */

import { type AppRecord, activeSecret, pendingSecret, type Secret } from "../../core/apps/app.ts";
import type { SecretUsers } from "../../core/apps/secret-users.ts";
import type { AppStore } from "../../core/ports/app-store.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import { findApp } from "../../management/change-app.ts";
import type { RecordSecretUses } from "../../management/record-secret-uses.ts";
import type { RevealSecret } from "../../management/reveal-secret.ts";
import type { RotateSecret } from "../../management/rotate-secret.ts";
import { lastUsedAtMs } from "../../management/secrets.ts";
import type * as contract from "../contracts/apps.ts";
import { type Handlers, isoTime } from "../handlers.ts";

interface SecretUseParts {
  readonly recordSecretUses: RecordSecretUses;
  readonly secretUsers: SecretUsers;
  readonly allNodes: AllNodes;
}

const usersShownMax = 100;

export function createSecretHandlers(
  store: AppStore,
  { recordSecretUses, secretUsers, allNodes }: SecretUseParts,
  actions: { readonly rotation: RotateSecret; readonly reveal: RevealSecret },
  { clock, secretUseGuardMs }: { readonly clock: Clock; readonly secretUseGuardMs: number },
): Handlers<"listSecrets" | "rotateSecret" | "activateSecret" | "cancelRotation" | "revealSecret"> {
  const { rotation, reveal } = actions;
  const usersOf = allNodes.question("secret users", (appId: string) => secretUsers.of(appId));

  /** The senders on all nodes. A node that does not answer is also reported by `recordSecretUses`. */
  async function usersEverywhere(appId: string): Promise<contract.SecretUser[]> {
    const { parts } = await usersOf(appId);
    return parts
      .flatMap(({ node, answer }) =>
        answer.map(({ lastMs, ...user }) => ({ ...user, lastAt: isoTime(lastMs), node })),
      )
      .sort((a, b) => b.lastAt.localeCompare(a.lastAt))
      .slice(0, usersShownMax);
  }

  return {
    async listSecrets({ app }) {
      const unanswered = await recordSecretUses.everywhere();
      const record = await findApp(store, app.id);
      const order = { active: 0, pending: 1, revoked: 2 };
      const secrets = record.secrets
        .toSorted((a, b) => order[a.state] - order[b.state] || b.createdAtMs - a.createdAtMs)
        .map((secret) => secretBody(secret, clock.now()));
      return {
        secrets,
        users: await usersEverywhere(app.id),
        activation: activationOf(record, secretUseGuardMs, clock.now()),
        unanswered,
      };
    },
    rotateSecret: async ({ app, actor, body }) => ({
      secret: secretWithValue(await rotation.rotate(app.id, actor, body), clock.now()),
    }),
    activateSecret: async ({ app, actor, body }) => ({
      secret: secretBody(await rotation.activate(app.id, actor, body), clock.now()),
    }),
    cancelRotation: async ({ app, actor }) => ({
      secret: secretBody(await rotation.cancel(app.id, actor), clock.now()),
    }),
    revealSecret: async ({ app, actor, params }) => ({ value: await reveal(app.id, actor, params.secretId) }),
  };
}

export function secretWithValue(secret: Secret, nowMs: number): contract.SecretWithValue {
  return { ...secretBody(secret, nowMs), value: secret.value };
}

function secretBody(secret: Secret, nowMs: number): contract.Secret {
  const { id, state, createdAtMs, createdBy, activatedAtMs, revokedAtMs, lastUsed } = secret;
  return {
    id,
    state,
    createdAt: isoTime(createdAtMs),
    createdBy,
    activatedAt: isoTime(activatedAtMs),
    revokedAt: isoTime(revokedAtMs),
    ageMs: Math.max(0, nowMs - (activatedAtMs ?? createdAtMs)),
    lastUsed: {
      httpApi: isoTime(lastUsed.httpApi ?? null),
      channelAuthorization: isoTime(lastUsed.channelAuthorization ?? null),
      signIn: isoTime(lastUsed.signIn ?? null),
    },
    lastUsedAt: isoTime(lastUsedAtMs(secret)),
  };
}

function activationOf(
  record: AppRecord,
  secretUseGuardMs: number,
  nowMs: number,
): contract.SecretsAnswer["activation"] {
  if (pendingSecret(record) === null) return null;
  const usedAtMs = lastUsedAtMs(activeSecret(record));
  const safeAtMs = usedAtMs === null ? 0 : usedAtMs + secretUseGuardMs;
  const isSafe = safeAtMs <= nowMs;
  return { isSafe, oldSecretLastUsedAt: isoTime(usedAtMs), safeAt: isSafe ? null : isoTime(safeAtMs) };
}
