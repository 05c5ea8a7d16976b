/** Finds the sender of a request, by its bearer token or its dashboard session. */
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ApiToken, TokenStore } from "../core/ports/token-store.ts";
import { Refusal } from "../core/refusal.ts";
import { equalInConstantTime } from "../protocol/signature.ts";
import { appOfScope, tokenHash, tokenKind } from "./api-token.ts";
import { appGrant, fullGrant, type Grant, Principal, readGrant } from "./principal.ts";

/** @throws Refusal of status 401 */
export type Authenticate = (request: Request) => Promise<Principal>;

/** Null if the request has no session. Throws a Refusal if its session is invalid. */
export type AuthenticateSession = (request: Request) => Promise<Principal | null>;

/** A token outside the store, with all permissions and its name for the audit log. */
export interface FixedToken {
  readonly kind: "adminToken" | "cli";
  readonly name: string;
  readonly value: string;
}

/** The minimum interval between two updates of a token's last use. */
const useRecordedEveryMs = 60_000;
const tokenLengthMax = 512;

export function createAuthenticate(
  { tokens, apps }: { readonly tokens: TokenStore; readonly apps: Pick<AppRegistry, "byId"> },
  fixedTokens: readonly FixedToken[],
  authenticateSession: AuthenticateSession,
  clock: Clock,
): Authenticate {
  const fixed = fixedTokens.map(({ value, ...who }) => ({
    who: { ...who, id: null },
    hash: tokenHash(value),
  }));

  async function byToken(text: string): Promise<Principal> {
    const hash = tokenHash(text);
    const known = fixed.filter((token) => equalInConstantTime(token.hash, hash))[0];
    if (known !== undefined) return new Principal(known.who, [fullGrant]);
    if (tokenKind(text) === "malformed") {
      throw new Refusal(
        "token_malformed",
        "The token is incomplete or mistyped: its checksum does not match. Copy it again",
      );
    }
    const token = await tokens.findByHash(hash);
    if (token === null) throw new Refusal("unauthenticated", "Unknown token");
    requireValid(token, clock.now());
    if (clock.now() - (token.lastUsedAtMs ?? 0) >= useRecordedEveryMs)
      await tokens.recordUse(token.id, clock.now());
    const { id, name, ownerId } = token;
    return new Principal({ kind: "token", id, name }, grantsOf(token, apps), ownerId);
  }

  return async function authenticate(request) {
    const header = request.headers.get("authorization");
    if (header !== null) return byToken(bearerOf(header));
    const principal = await authenticateSession(request);
    if (principal !== null) return principal;
    throw new Refusal("unauthenticated", "Send an API token as `Authorization: Bearer …`, or log in");
  };
}

function bearerOf(header: string): string {
  const [, text = ""] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  if (text !== "" && text.length <= tokenLengthMax) return text;
  throw new Refusal("token_malformed", "The Authorization header must be `Bearer` and an API token");
}

function requireValid({ name, revokedAtMs, expiresAtMs }: ApiToken, nowMs: number): void {
  if (revokedAtMs !== null) throw new Refusal("token_revoked", `The token ${name} was revoked`);
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    throw new Refusal("token_expired", `The token ${name} expired at ${new Date(expiresAtMs).toISOString()}`);
  }
}

function grantsOf({ scopes, createdAtMs }: ApiToken, apps: Pick<AppRegistry, "byId">): Grant[] {
  const appIds = scopes
    .map(appOfScope)
    .filter((scope) => scope !== null)
    .filter(({ id, bornAtMs }) => {
      const bornNowAtMs = apps.byId(id)?.createdAtMs;
      if (bornNowAtMs === undefined) return false;
      return bornAtMs === null ? bornNowAtMs <= createdAtMs : bornNowAtMs === bornAtMs;
    })
    .map(({ id }) => id);
  return [
    ...(scopes.includes("admin") ? [fullGrant] : []),
    ...(scopes.includes("read") ? [readGrant] : []),
    ...(appIds.length > 0 ? [appGrant(appIds)] : []),
  ];
}
