/** The handlers of logging in and out. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import type { LoginSessions } from "../people/login-sessions.ts";
import type { LoginThrottle } from "../people/login-throttle.ts";
import type { Logins } from "../people/logins.ts";
import type { OidcLogin } from "../people/oidc-login.ts";
import type { People } from "../people/people.ts";
import type { Admit } from "./admit.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { describePerson, noteOwn, type PeopleHandlers, visitorOf } from "./people-handlers.ts";
import type { NoteRefusedLogin } from "./refused-login.ts";
import type { SessionReader } from "./session.ts";

type LoginHandlers = PeopleHandlers<
  "getSession" | "logIn" | "verifySecondFactor" | "logInWithOidc" | "logOut"
>;

export interface LoginParts {
  readonly people: People;
  readonly logins: Logins;
  readonly loginSessions: LoginSessions;
  readonly sessions: SessionReader;
  readonly cookies: LoginCookies;
  readonly throttle: LoginThrottle;
  readonly audit: AuditLog;
  readonly admit: Admit;
  readonly noteRefused: NoteRefusedLogin;
}

export interface OidcEntry {
  readonly login: OidcLogin;
  /** What the button says. */
  readonly name: string;
}

/** @param oidc null where there is none */
export function createLoginHandlers(parts: LoginParts, oidc: OidcEntry | null): LoginHandlers {
  const { people, logins, loginSessions, sessions, cookies, throttle, audit, admit, noteRefused } = parts;

  return {
    async getSession({ request, answerHeaders }) {
      const loggedIn = await sessions.refresh(request, answerHeaders);
      const pending = loggedIn === null ? cookies.read(request, "pending") : null;
      return {
        person: loggedIn === null ? null : describePerson(loggedIn.account),
        csrfToken: loggedIn?.csrfToken ?? null,
        needsSetup: loggedIn === null && (await people.count()) === 0,
        needsSecondFactor: pending !== null && (await loginSessions.isPending(pending)),
        oidcName: oidc?.name ?? null,
      };
    },

    async logIn(ask) {
      const { email, password } = ask.body;
      const target = `person ${email}`;
      throttle.countTry(ask.address, email);
      const admission = await noteRefused(ask.address, target, () =>
        logins.withPassword(email, password, visitorOf(ask)),
      );
      throttle.forget(ask.address, email);
      await admit(ask, admission, { method: "password" });
      return { needsSecondFactor: admission.kind === "needsCode" };
    },

    async verifySecondFactor(ask) {
      const { address, request, body, answerHeaders } = ask;
      throttle.countTry(address, null);
      const { account, token, method } = await noteRefused(address, "second factor", async () => {
        const pending = cookies.read(request, "pending");
        if (pending === null) throw new Refusal("login_failed", "No login waits for a code: log in again");
        return logins.withCode(pending, body, visitorOf(ask));
      });
      cookies.clear(answerHeaders, "pending");
      await admit(ask, { kind: "session", account, token }, { method, secondFactor: body.kind });
    },

    async logInWithOidc(ask) {
      if (oidc === null) throw new Refusal("not_found", "This server has no OpenID Connect login set up");
      throttle.countTry(ask.address, null);
      const { url, journey } = await oidc.login.begin();
      cookies.set(ask.answerHeaders, "oidc", journey);
      return { url };
    },

    async logOut(ask) {
      const { account, sessionId } = ask.asker;
      await loginSessions.end(account.id, sessionId);
      cookies.clear(ask.answerHeaders, "session_token");
      await noteOwn(audit, ask, "session.end");
    },
  };
}
