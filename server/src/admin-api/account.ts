/** The handlers of one's own account: name, password, second factor, sessions. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import { orRefusal } from "../people/auth-refusal.ts";
import type { LoginThrottle } from "../people/login-throttle.ts";
import type { People } from "../people/people.ts";
import type { PeopleAuth } from "../people/people-auth.ts";
import type { SpendCode } from "../people/spend-code.ts";
import { forwardCookies, note, type PeopleAsk, type PeopleHandlers } from "./people-handlers.ts";
import type { SignedIn } from "./session.ts";

type AccountHandlers = PeopleHandlers<
  | "changeAccount"
  | "changePassword"
  | "enrolSecondFactor"
  | "confirmSecondFactor"
  | "removeSecondFactor"
  | "listSessions"
  | "revokeSession"
  | "revokeOtherSessions"
>;

export interface AccountParts {
  readonly auth: PeopleAuth;
  readonly people: People;
  readonly throttle: LoginThrottle;
  readonly spendCode: SpendCode;
  readonly audit: AuditLog;
}

export function createAccountHandlers(parts: AccountParts): AccountHandlers {
  const { auth, people, throttle, spendCode, audit } = parts;
  const noteOwn = (
    ask: Pick<PeopleAsk, "address"> & { asker: SignedIn },
    action: string,
    after?: unknown,
  ) => {
    const { email } = ask.asker.person;
    return note(audit, ask, { actor: email, action, target: `person ${email}`, after });
  };
  /** A stolen session must not become a way to guess the password. */
  const mustBeCalm = ({ address, asker }: Pick<PeopleAsk, "address"> & { asker: SignedIn }) =>
    throttle.mustBeCalm(address, asker.person.email);

  return {
    async changeAccount(ask) {
      return { person: await people.rename(ask.asker.person.id, ask.body.name) };
    },

    async changePassword(ask) {
      mustBeCalm(ask);
      const body = { ...ask.body, revokeOtherSessions: true };
      const { headers } = await orRefusal(
        auth.api.changePassword({ body, headers: ask.headers, returnHeaders: true }),
      );
      forwardCookies(ask, headers);
      await noteOwn(ask, "account.change-password");
    },

    async enrolSecondFactor(ask) {
      mustBeCalm(ask);
      const enrolled = await orRefusal(auth.api.enableTwoFactor({ body: ask.body, headers: ask.headers }));
      if (enrolled.method !== "totp")
        throw new Error("better-auth made another second factor than asked for");
      return { totpUri: enrolled.totpURI, backupCodes: enrolled.backupCodes };
    },

    async confirmSecondFactor(ask) {
      mustBeCalm(ask);
      const { headers } = await orRefusal(
        auth.api.verifyTOTP({ body: ask.body, headers: ask.headers, returnHeaders: true }),
      );
      await spendCode(ask.asker.person.id, ask.body.code);
      forwardCookies(ask, headers);
      await noteOwn(ask, "account.add-second-factor");
    },

    async removeSecondFactor(ask) {
      mustBeCalm(ask);
      const { headers } = await orRefusal(
        auth.api.disableTwoFactor({ body: ask.body, headers: ask.headers, returnHeaders: true }),
      );
      forwardCookies(ask, headers);
      await noteOwn(ask, "account.remove-second-factor");
    },

    async listSessions({ asker }) {
      return { sessions: await people.sessionsOf(asker.person.id, asker.sessionId) };
    },

    async revokeSession(ask) {
      const { sessionId } = ask.params;
      if ((await people.endSessions(ask.asker.person.id, (id) => id === sessionId)) === 0)
        throw new Refusal("session_not_found", "You have no such session: it may have ended already");
      await noteOwn(ask, "session.revoke", { sessions: 1 });
    },

    async revokeOtherSessions(ask) {
      const { person, sessionId } = ask.asker;
      const sessions = await people.endSessions(person.id, (id) => id !== sessionId);
      await noteOwn(ask, "session.revoke", { sessions });
    },
  };
}
