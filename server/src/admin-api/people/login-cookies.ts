/** The cookies of a login. Under TLS they are bound to the host by their names, and never sent without TLS. */
import { parse, serialize } from "hono/utils/cookie";
import { pendingLastsMs, sessionLastsMs } from "../../people/login-sessions.ts";
import { oidcLastsMs } from "../../people/oidc-login.ts";

const dayMs = 86_400_000;
const lastsMs = {
  session_token: sessionLastsMs,
  pending: pendingLastsMs,
  oidc: oidcLastsMs,
  device: 365 * dayMs,
} as const;

/**
 * The cookies of a session, of a login that waits for its code, of a login at the OpenID Connect provider, and of a
 * known browser.
 */
export type LoginCookie = keyof typeof lastsMs;

export class LoginCookies {
  readonly #prefix: string;
  readonly #isSecure: boolean;

  /** @param isSecure whether browsers reach the dashboard only over TLS */
  constructor(isSecure: boolean) {
    this.#prefix = isSecure ? "__Host-soketify" : "soketify";
    this.#isSecure = isSecure;
  }

  /** Null if the request has none. */
  read(request: Request, cookie: LoginCookie): string | null {
    const name = this.#nameOf(cookie);
    return parse(request.headers.get("cookie") ?? "", name)[name] || null;
  }

  set(answerHeaders: Headers, cookie: LoginCookie, value: string): void {
    this.#append(answerHeaders, cookie, value, lastsMs[cookie] / 1_000);
  }

  /** Deletes the cookie in the browser. */
  clear(answerHeaders: Headers, cookie: LoginCookie): void {
    this.#append(answerHeaders, cookie, "", 0);
  }

  #append(answerHeaders: Headers, cookie: LoginCookie, value: string, maxAge: number): void {
    const attributes = {
      httpOnly: true,
      sameSite: "Lax",
      secure: this.#isSecure,
      path: "/",
      maxAge,
    } as const;
    answerHeaders.append("set-cookie", serialize(this.#nameOf(cookie), value, attributes));
  }

  #nameOf(cookie: LoginCookie): string {
    return `${this.#prefix}.${cookie}`;
  }
}
