/** Reads the session cookie, and checks that a request comes from the dashboard's own page. */
import type { Account } from "../../core/ports/account-store.ts";
import { Refusal } from "../../core/refusal.ts";
import type { LoginSessions } from "../../people/login-sessions.ts";
import { equalInConstantTime, hmacSha256 } from "../../protocol/signature.ts";
import { csrfHeader } from "../contracts/people.ts";
import type { LoginCookies } from "./login-cookies.ts";

export interface LoggedIn {
  readonly account: Account;
  readonly sessionId: string;
  /** What every changing request must send back in its `X-CSRF-Token`. */
  readonly csrfToken: string;
}

export interface SessionReader {
  /**
   * Null if the request has no session, or one that is over.
   * @throws Refusal of status 403 where a session is used by another site, or without its CSRF token
   */
  read(request: Request): Promise<LoggedIn | null>;
  /** As `read` for a request that changes nothing; a session that is used lasts on, by a cookie for the answer. */
  refresh(request: Request, answerHeaders: Headers): Promise<LoggedIn | null>;
  /** @throws Refusal `cross_site`; a request that is of no browser passes */
  mustBeSameOrigin(request: Request): void;
}

interface SessionReaderOptions {
  /** Of the server: CSRF tokens are made with it. */
  readonly secret: string;
  /** Where a proxy may tell the server another host than browsers know; else null. */
  readonly publicOrigin: string | null;
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

export function createSessionReader(
  sessions: LoginSessions,
  cookies: LoginCookies,
  { secret, publicOrigin }: SessionReaderOptions,
): SessionReader {
  async function find(request: Request) {
    const token = tokenOf(cookies, request);
    if (token === null) return null;
    const found = await sessions.find(token);
    if (found === null) return null;
    const { account, session } = found;
    const csrfToken = hmacSha256(secret, `csrf/${token}`);
    return { token, session, loggedIn: { account, sessionId: session.id, csrfToken } };
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
      const found = await find(request);
      if (found === null) return null;
      mustBeSameOrigin(request);
      if (!safeMethods.has(request.method)) requireToken(request, found.loggedIn.csrfToken);
      return found.loggedIn;
    },
    async refresh(request, answerHeaders) {
      mustBeSameOrigin(request);
      const found = await find(request);
      if (found === null) return null;
      if (await sessions.extend(found.session)) cookies.set(answerHeaders, "session_token", found.token);
      return found.loggedIn;
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

/** Null if the request has no session cookie. */
export function tokenOf(cookies: LoginCookies, request: Request): string | null {
  // Older releases wrote a signature after the token, and a dot before it.
  return cookies.read(request, "session_token")?.split(".", 1)[0] ?? null;
}

function requireToken(request: Request, expected: string): void {
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
