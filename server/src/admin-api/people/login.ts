/** The handlers that log in and out. */
import { Refusal } from "../../core/refusal.ts";
import type { Attempt } from "../../people/attempt.ts";
import type { KnownDevices } from "../../people/known-devices.ts";
import type { LoginThrottle } from "../../people/login-throttle.ts";
import type { OidcLogin } from "../../people/oidc-login.ts";
import type { ChangePeople, PeopleParts } from "../../people/people-parts.ts";
import type { Admit } from "./admit.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { describePerson, type PeopleHandlers, recordOwnAction, visitorOf } from "./people-handlers.ts";
import type { SessionReader } from "./session.ts";

type LoginHandlers = PeopleHandlers<
  "getSession" | "logIn" | "verifySecondFactor" | "logInWithOidc" | "logOut"
>;

export interface LoginParts extends Pick<PeopleParts, "people" | "logins" | "loginSessions"> {
  readonly changePeople: ChangePeople;
  readonly sessions: SessionReader;
  readonly cookies: LoginCookies;
  readonly devices: KnownDevices;
  readonly throttle: LoginThrottle;
  readonly attempt: Attempt;
  readonly admit: Admit;
}

export interface OidcEntry {
  readonly login: OidcLogin;
  /** The label of the button. */
  readonly name: string;
}

/** @param oidc null if OpenID Connect is not configured */
export function createLoginHandlers(parts: LoginParts, oidc: OidcEntry | null): LoginHandlers {
  const { people, logins, loginSessions, changePeople, sessions, cookies } = parts;
  const { devices, throttle, attempt, admit } = parts;

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

    logIn(call) {
      const { email, password } = call.body;
      const device = devices.idOf(cookies.read(call.request, "device"), email);
      const source = { address: call.address, account: email, device };
      return attempt(source, `person ${email}`, async () => {
        const known = await logins.checkPassword(email, password, device !== null);
        await throttle.forget(source);
        const admission = await admit(call, (within) => within.logins.withPassword(known, visitorOf(call)), {
          method: "password",
        });
        return { needsSecondFactor: admission.kind === "needsCode" };
      });
    },

    verifySecondFactor(call) {
      const { address, request, body, answerHeaders } = call;
      return attempt({ address, account: null, device: null }, "second factor", async () => {
        const token = cookies.read(request, "pending");
        if (token === null) throw new Refusal("login_failed", "No login waits for a code: log in again");
        const pending = await logins.checkCode(token, body);
        await admit(call, (within) => within.logins.withCode(token, pending, visitorOf(call)), {
          method: pending.method,
          secondFactor: body.kind,
        });
        cookies.clear(answerHeaders, "pending");
      });
    },

    logInWithOidc(call) {
      if (oidc === null) throw new Refusal("not_found", "This server has no OpenID Connect login set up");
      const source = { address: call.address, account: null, device: null };
      return attempt(source, "OpenID Connect", async () => {
        const { url, pendingLogin } = await oidc.login.begin();
        cookies.set(call.answerHeaders, "oidc", pendingLogin);
        return { url };
      });
    },

    async logOut(call) {
      const { account, sessionId } = call.caller;
      await changePeople(async (within) => {
        await within.loginSessions.end(account.id, sessionId);
        await recordOwnAction(within.audit, call, "session.end");
      });
      cookies.clear(call.answerHeaders, "session_token");
    },
  };
}
