/** The handlers of signing in and out. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import { orRefusal } from "../people/auth-refusal.ts";
import type { LoginThrottle } from "../people/login-throttle.ts";
import type { People } from "../people/people.ts";
import { oidcProviderId, type PeopleAuth } from "../people/people-auth.ts";
import type { SpendCode } from "../people/spend-code.ts";
import { forwardCookies, note, type PeopleAsk, type PeopleHandlers } from "./people-handlers.ts";
import type { DashboardUrlFor, SessionReader } from "./session.ts";

type SignInHandlers = PeopleHandlers<
  "getSession" | "signIn" | "verifySecondFactor" | "signInWithOidc" | "signOut"
>;

export interface SignInParts {
  readonly auth: PeopleAuth;
  readonly people: People;
  readonly sessions: SessionReader;
  readonly throttle: LoginThrottle;
  readonly spendCode: SpendCode;
  readonly audit: AuditLog;
}

export interface SignInOptions {
  readonly dashboardUrlFor: DashboardUrlFor;
  /** Null where there is no sign-on. */
  readonly oidcName: string | null;
}

export function createSignInHandlers(
  { auth, people, sessions, throttle, spendCode, audit }: SignInParts,
  { dashboardUrlFor, oidcName }: SignInOptions,
): SignInHandlers {
  const noteFailure = (ask: Pick<PeopleAsk, "address">, target: string, error: unknown) =>
    note(audit, ask, {
      actor: "anonymous",
      action: "session.refuse",
      target,
      after: { why: error instanceof Refusal ? error.code : "internal_error" },
    });

  /** Whoever gives a code a second time does not get the session that it would have begun. */
  async function spendOrEnd(personId: string, sessionToken: string | undefined, code: string): Promise<void> {
    try {
      await spendCode(personId, code);
    } catch (error) {
      const { internalAdapter } = await auth.$context;
      if (sessionToken !== undefined) await internalAdapter.deleteSession(sessionToken);
      throw error;
    }
  }

  return {
    async getSession({ request, answerHeaders }) {
      const signedIn = await sessions.refresh(request, answerHeaders);
      return {
        person: signedIn?.person ?? null,
        csrfToken: signedIn?.csrfToken ?? null,
        needsSetup: signedIn === null && (await people.count()) === 0,
        oidcName,
      };
    },

    async signIn(ask) {
      const { email, password } = ask.body;
      const target = `person ${email}`;
      try {
        throttle.mustBeCalm(ask.address, email);
        const { response, headers } = await orRefusal(
          auth.api.signInEmail({ body: { email, password }, headers: ask.headers, returnHeaders: true }),
        );
        throttle.forgive(email);
        forwardCookies(ask, headers);
        const needsSecondFactor = "twoFactorRedirect" in response;
        if (!needsSecondFactor) await note(audit, ask, { actor: email, action: "session.begin", target });
        return { needsSecondFactor };
      } catch (error) {
        await noteFailure(ask, target, error);
        throw error;
      }
    },

    async verifySecondFactor(ask) {
      const { kind, code } = ask.body;
      try {
        throttle.mustBeCalm(ask.address, null);
        const given = { body: { code }, headers: ask.headers, returnHeaders: true } as const;
        const { response, headers } = await orRefusal(
          kind === "totp" ? auth.api.verifyTOTP(given) : auth.api.verifyBackupCode(given),
        );
        const { id, email } = response.user;
        if (kind === "totp") await spendOrEnd(id, response.token, code);
        forwardCookies(ask, headers);
        const after = { secondFactor: kind };
        await note(audit, ask, { actor: email, action: "session.begin", target: `person ${email}`, after });
      } catch (error) {
        await noteFailure(ask, "second factor", error);
        throw error;
      }
    },

    async signInWithOidc(ask) {
      if (oidcName === null) throw new Refusal("not_found", "This server has no sign-on set up");
      throttle.mustBeCalm(ask.address, null);
      const dashboardUrl = dashboardUrlFor(ask.request);
      const { response, headers } = await auth.api.signInSocial({
        body: {
          provider: oidcProviderId,
          callbackURL: dashboardUrl,
          errorCallbackURL: dashboardUrl,
          disableRedirect: true,
        },
        headers: ask.headers,
        returnHeaders: true,
      });
      forwardCookies(ask, headers);
      if (response.url === undefined) throw new Error("better-auth gave no address for the sign-on");
      return { url: response.url };
    },

    async signOut(ask) {
      const { headers } = await auth.api.signOut({ headers: ask.headers, returnHeaders: true });
      forwardCookies(ask, headers);
      const { email } = ask.asker.person;
      await note(audit, ask, { actor: email, action: "session.end", target: `person ${email}` });
    },
  };
}
