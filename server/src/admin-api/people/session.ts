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
  /** Every changing request must send it as `X-CSRF-Token`. */
  readonly csrfToken: string;
}

export interface SessionReader {
  /**
   * Null if the request has no session, or its session has ended.
   * @throws Refusal of status 403 if another site sent the request, or it lacks the CSRF token
   */
  read(request: Request): Promise<LoggedIn | null>;
  /** Like `read` for a request that changes nothing. Extends the session, and sets its cookie in the answer. */
  refresh(request: Request, answerHeaders: Headers): Promise<LoggedIn | null>;
  /** Accepts requests that do not come from a browser. @throws Refusal `cross_site` */
  requireSameOrigin(request: Request): void;
}

interface SessionReaderOptions {
  /** The server's secret, from which CSRF tokens are derived. */
  readonly secret: string;
  /** The origin that browsers see; null: the host of the request. */
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

  function requireSameOrigin(request: Request): void {
    const site = request.headers.get("sec-fetch-site");
    const origin = request.headers.get("origin");
    const isSameSite = site === null || site === "same-origin" || site === "none";
    const isSameOrigin = origin === null || isOwnOrigin(origin, request, publicOrigin);
    if (isSameSite && isSameOrigin) return;
    throw crossSite(request, publicOrigin);
  }

  return {
    requireSameOrigin,
    async read(request) {
      const found = await find(request);
      if (found === null) return null;
      requireSameOrigin(request);
      if (!safeMethods.has(request.method)) requireToken(request, found.loggedIn.csrfToken);
      return found.loggedIn;
    },
    async refresh(request, answerHeaders) {
      requireSameOrigin(request);
      const found = await find(request);
      if (found === null) return null;
      if (await sessions.extend(found.session)) cookies.set(answerHeaders, "session_token", found.token);
      return found.loggedIn;
    },
  };
}

/** The message names the likely cause: the dashboard's own page is refused if its address is not configured. */
function crossSite(request: Request, publicOrigin: string | null): Refusal {
  const origin = request.headers.get("origin")?.slice(0, 200) ?? "another site";
  const here = publicOrigin ?? new URL(request.url).host;
  return new Refusal(
    "cross_site",
    `Pages of ${origin} may not use this session: for the server, the dashboard is at ${here}. If you opened it at ${origin}, ` +
      "configure your proxy to forward the Host header, or set SOKETIFY_PUBLIC_URL to that address " +
      "(SOKETIFY_DASHBOARD_URL if the dashboard has its own port or name)",
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

/** Compares only the host: behind a proxy that terminates TLS, the server sees http and the browser sends https. */
function isOwnOrigin(origin: string, request: Request, publicOrigin: string | null): boolean {
  if (origin === publicOrigin) return true;
  return URL.canParse(origin) && new URL(origin).host === new URL(request.url).host;
}
