/** The redirect endpoint of the OpenID Connect login. */
import { Hono } from "hono";
import { Refusal } from "../../core/refusal.ts";
import { targetOf } from "../../net/request-target.ts";
import type { Attempt, OnRefusedLogin } from "../../people/attempt.ts";
import { type OidcLogin, OidcRefused } from "../../people/oidc-login.ts";
import type { PeopleParts } from "../../people/people-parts.ts";
import { type FailureWatch, failureResponse } from "../problem.ts";
import { notFound, type RequestOrigin } from "../routes.ts";
import type { Admit } from "./admit.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { visitorOf } from "./people-handlers.ts";
import { withRetryAfter } from "./people-routes.ts";

export interface OidcCallbackParts {
  readonly cookies: LoginCookies;
  readonly attempt: Attempt;
  readonly admit: Admit;
  readonly onRefusedLogin: OnRefusedLogin;
  /** Null if OpenID Connect is not configured. */
  readonly oidc: {
    readonly login: OidcLogin;
    /** The target of the final redirect: from the configuration, never from the request. */
    readonly dashboardUrl: string;
    readonly onRefused: (refused: OidcRefused) => void;
  } | null;
}

export const oidcCallbackPath = "/api/auth/callback/oidc";

/** The target in the audit log, because the account is unknown. */
const target = "OpenID Connect";

/**
 * Mount it at `/api/auth`. After a refusal it redirects to the dashboard with `?error=` and a code.
 * @param open throws a Refusal while logins are not possible yet
 */
export function createOidcCallback(
  open: () => OidcCallbackParts,
  watch: FailureWatch,
): Hono<{ Bindings: RequestOrigin }> {
  const routes = new Hono<{ Bindings: RequestOrigin }>();
  routes.onError(async (error) => withRetryAfter(error, await failureResponse(error, watch)));
  routes.notFound(notFound);
  routes.get("/callback/oidc", async (context) => {
    const { cookies, attempt, admit, onRefusedLogin, oidc } = open();
    if (oidc === null) throw new Refusal("not_found", "This server has no OpenID Connect login set up");
    const request = context.req.raw;
    const address = context.env?.address ?? null;
    const answerHeaders = new Headers({ "cache-control": "no-store" });
    const answer = (url: string) => {
      answerHeaders.set("location", url);
      return new Response(null, { status: 302, headers: answerHeaders });
    };
    cookies.clear(answerHeaders, "oidc");
    try {
      const visitor = visitorOf({ request, address });
      await attempt({ address, account: null, device: null }, target, async () => {
        const person = await oidc.login.finish(targetOf(request.url).query, cookies.read(request, "oidc"));
        const begin = ({ logins }: PeopleParts) => logins.withOidc(person, visitor);
        await admit({ request, address, answerHeaders }, begin, { method: "oidc" });
      });
      return answer(oidc.dashboardUrl);
    } catch (error) {
      if (!(error instanceof OidcRefused)) throw error;
      oidc.onRefused(error);
      onRefusedLogin({ address, target, why: error.refusal });
      return answer(`${oidc.dashboardUrl}?error=${error.refusal}`);
    }
  });
  return routes;
}
