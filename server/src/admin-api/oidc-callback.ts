/** Where the OpenID Connect provider sends the browser back to: the one route that better-auth answers itself. */
import { Hono } from "hono";
import { noted } from "../core/actor.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import { addressHeader, oidcProviderId, type PeopleAuth } from "../people/people-auth.ts";
import { type FailureWatch, failureResponse } from "./problem.ts";
import type { RequestOrigin } from "./routes.ts";

/**
 * To be mounted at `/api/auth`.
 * @param open throws the Refusal that is answered while nobody can sign in
 */
export function createOidcCallback(
  open: () => { readonly auth: PeopleAuth },
  audit: AuditLog,
  watch: FailureWatch,
): Hono<{ Bindings: RequestOrigin }> {
  const routes = new Hono<{ Bindings: RequestOrigin }>();
  routes.onError((error) => failureResponse(error, watch));
  routes.get(`/callback/${oidcProviderId}`, async ({ req, env }) => {
    const { auth } = open();
    const address = env?.address ?? null;
    const headers = new Headers(req.raw.headers);
    headers.delete(addressHeader);
    if (address !== null) headers.set(addressHeader, address);
    const response = await auth.handler(new Request(req.url, { headers }));
    const cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(";", 1)[0] ?? "")
      .join("; ");
    const found = await auth.api.getSession({ headers: new Headers({ cookie }) });
    const actor = found?.user.email ?? "anonymous";
    const kind = found === null ? ("anonymous" as const) : ("person" as const);
    await audit.append({
      ...noted({ kind, id: found?.user.id ?? null, name: actor, address }),
      action: found === null ? "session.refuse" : "session.begin",
      target: found === null ? "sign-on" : `person ${actor}`,
      appId: null,
      before: null,
      after: { signOn: oidcProviderId },
    });
    return response;
  });
  return routes;
}
