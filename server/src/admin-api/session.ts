/** Who is signed in: the session cookie, and whether a request was meant by the page that has it. */

import { Refusal } from "../core/refusal.ts";
import { toPerson } from "../people/people.ts";
import type { PeopleAuth, PublicPlace } from "../people/people-auth.ts";
import type { Person } from "../people/person.ts";
import { equalInConstantTime, hmacSha256 } from "../protocol/signature.ts";
import { csrfHeader } from "./people-contract.ts";

export interface SignedIn {
  readonly person: Person;
  readonly sessionId: string;
  /** What every changing request must send back in its `X-CSRF-Token`. */
  readonly csrfToken: string;
}

export interface SessionReader {
  /**
   * Null where the request has no session, or one that is over.
   * @throws Refusal of status 403 where a session is used by another site, or without its CSRF token
   */
  read(request: Request): Promise<SignedIn | null>;
  /** As `read` for a request that changes nothing, and lengthens the session by cookies for the answer. */
  refresh(request: Request, answerHeaders: Headers): Promise<SignedIn | null>;
  /** @throws Refusal `cross_site`; a request that is of no browser passes */
  mustBeSameOrigin(request: Request): void;
}

/** Where the dashboard is for whoever sent the request, such as `https://example.com/dashboard`. */
export type DashboardUrlFor = (request: Request) => string;

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** @param publicOrigin where a proxy may tell the server another host than browsers know; else null */
export function createSessionReader(
  auth: PeopleAuth,
  secret: string,
  publicOrigin: string | null,
): SessionReader {
  async function find(request: Request, answerHeaders: Headers | null): Promise<SignedIn | null> {
    if (!request.headers.has("cookie")) return null;
    const { response, headers } = await auth.api.getSession({
      headers: request.headers,
      query: { disableRefresh: answerHeaders === null },
      returnHeaders: true,
    });
    if (response === null) return null;
    for (const cookie of headers.getSetCookie()) answerHeaders?.append("set-cookie", cookie);
    const { user, session } = response;
    return {
      person: toPerson(user),
      sessionId: session.id,
      csrfToken: hmacSha256(secret, `csrf/${session.token}`),
    };
  }

  function mustBeSameOrigin(request: Request): void {
    const site = request.headers.get("sec-fetch-site");
    const origin = request.headers.get("origin");
    const isSameSite = site === null || site === "same-origin" || site === "none";
    const isSameOrigin = origin === null || isOwnOrigin(origin, request, publicOrigin);
    if (isSameSite && isSameOrigin) return;
    throw crossSite(request, publicOrigin);
  }

  return {
    mustBeSameOrigin,
    async read(request) {
      const signedIn = await find(request, null);
      if (signedIn === null) return null;
      mustBeSameOrigin(request);
      if (!safeMethods.has(request.method)) mustHaveToken(request, signedIn.csrfToken);
      return signedIn;
    },
    async refresh(request, answerHeaders) {
      mustBeSameOrigin(request);
      return find(request, answerHeaders);
    },
  };
}

/** A page of the dashboard itself is refused where the server does not know under which address it is reached. */
function crossSite(request: Request, publicOrigin: string | null): Refusal {
  const origin = request.headers.get("origin")?.slice(0, 200) ?? "another site";
  const here = publicOrigin ?? new URL(request.url).host;
  return new Refusal(
    "cross_site",
    `Pages of ${origin} may not use this session: the dashboard is at ${here}, as far as the server knows. If you opened it at ` +
      `${origin}, let your proxy pass the Host header on, or set SOKETIFY_PUBLIC_URL to that address ` +
      "(SOKETIFY_DASHBOARD_URL where the dashboard has a port or a name of its own)",
  );
}

function mustHaveToken(request: Request, expected: string): void {
  if (equalInConstantTime(expected, request.headers.get(csrfHeader) ?? "")) return;
  throw new Refusal(
    "csrf_token_wrong",
    "A request that changes something must send the csrfToken of GET /session as X-CSRF-Token",
  );
}

/** By host alone: behind a proxy that ends TLS, the server sees http where the browser says https. */
function isOwnOrigin(origin: string, request: Request, publicOrigin: string | null): boolean {
  if (origin === publicOrigin) return true;
  return URL.canParse(origin) && new URL(origin).host === new URL(request.url).host;
}

export function createDashboardUrlFor({ url, pathPrefix }: PublicPlace): DashboardUrlFor {
  return (request) => {
    const origin = url ?? request.headers.get("origin") ?? request.url;
    return `${new URL(origin).origin}${pathPrefix}/dashboard`;
  };
}
