/** The handlers that list, create and revoke API tokens. */
import { randomBytes } from "node:crypto";
import { actorLabel, auditActor } from "../../core/actor.ts";
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { ApiToken, TokenStore } from "../../core/ports/token-store.ts";
import type { InOneTransaction } from "../../core/ports/transactions.ts";
import { Refusal } from "../../core/refusal.ts";
import { appOfScope, appScope, newTokenText, tokenHash } from "../api-token.ts";
import type * as contract from "../contracts/server.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { pageOf, sortableNumber } from "../page.ts";
import { invalidRequest } from "../problem.ts";

export function createTokenHandlers(
  tokens: Pick<TokenStore, "list">,
  apps: Pick<AppRegistry, "byId">,
  inOneTransaction: InOneTransaction,
  clock: Clock,
): Handlers<"listTokens" | "createToken" | "deleteToken"> {
  return {
    async listTokens({ query }) {
      const valid = (await tokens.list()).filter(({ revokedAtMs }) => revokedAtMs === null);
      const { items, ...page } = pageOf(
        valid,
        ({ createdAtMs, id }) => `${sortableNumber(createdAtMs)} ${id}`,
        query,
      );
      return { tokens: items.map(tokenBody), ...page };
    },
    async createToken({ principal, actor, body: { name, scopes, expiresAt } }) {
      const expiresAtMs = expiresAt === null ? null : Date.parse(expiresAt);
      if (expiresAtMs !== null && expiresAtMs <= clock.now())
        throw invalidRequest("`expiresAt` must be in the future");
      const value = newTokenText();
      const token: ApiToken = {
        id: randomBytes(8).toString("hex"),
        name,
        scopes: scopes.map((scope) => bound(scope, apps)),
        createdBy: actorLabel(actor),
        ownerId: principal.ownerId,
        createdAtMs: clock.now(),
        expiresAtMs,
        lastUsedAtMs: null,
        revokedAtMs: null,
      };
      const what = { action: "token.create", target: `token ${token.id}`, appId: null } as const;
      await inOneTransaction(async ({ tokens, audit }) => {
        await tokens.create(token, tokenHash(value));
        await audit.append({
          ...auditActor(actor),
          ...what,
          before: null,
          after: { name, scopes, expiresAt },
        });
      });
      return { token: { ...tokenBody(token), value } };
    },
    async deleteToken({ actor, params: { tokenId } }) {
      const what = { action: "token.revoke", target: `token ${tokenId}`, appId: null } as const;
      await inOneTransaction(async ({ tokens, audit }) => {
        if (!(await tokens.revoke(tokenId, clock.now())))
          throw new Refusal("token_not_found", `There is no valid token ${tokenId.slice(0, 50)}`);
        await audit.append({ ...auditActor(actor), ...what, before: null, after: null });
      });
    },
  };
}

function bound(scope: string, apps: Pick<AppRegistry, "byId">): string {
  const wanted = appOfScope(scope);
  if (wanted === null) return scope;
  const app = apps.byId(wanted.id);
  if (app === null)
    throw new Refusal("app_not_found", `There is no app ${wanted.id}: create it before its token`);
  return appScope(app.id, app.createdAtMs);
}

function tokenBody(token: ApiToken): contract.Token {
  return {
    id: token.id,
    name: token.name,
    scopes: token.scopes.map((scope) => scope.replace(/@\d+$/, "")),
    createdAt: isoTime(token.createdAtMs),
    createdBy: token.createdBy,
    expiresAt: isoTime(token.expiresAtMs),
    lastUsedAt: isoTime(token.lastUsedAtMs),
  };
}
