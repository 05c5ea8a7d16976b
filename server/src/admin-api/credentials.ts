/** The handlers of what one logs in with: the password and the second factor. A change ends one's other sessions. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { LoginSessions } from "../people/login-sessions.ts";
import type { LoginThrottle } from "../people/login-throttle.ts";
import type { People } from "../people/people.ts";
import type { SecondFactors } from "../people/second-factors.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { noteOwn, type OwnAsk, type PeopleHandlers, visitorOf } from "./people-handlers.ts";

type CredentialHandlers = PeopleHandlers<
  "changePassword" | "enrolSecondFactor" | "confirmSecondFactor" | "removeSecondFactor"
>;

export interface CredentialParts {
  readonly people: People;
  readonly loginSessions: LoginSessions;
  readonly secondFactors: SecondFactors;
  readonly cookies: LoginCookies;
  readonly throttle: LoginThrottle;
  readonly audit: AuditLog;
}

export function createCredentialHandlers(parts: CredentialParts): CredentialHandlers {
  const { people, loginSessions, secondFactors, cookies, throttle, audit } = parts;
  /** A stolen session must not become a way to guess the password. */
  const countTry = ({ address, asker }: OwnAsk) => throttle.countTry(address, asker.account.email);
  /** Every session has ended: this browser gets a new one. */
  async function renew(ask: OwnAsk): Promise<void> {
    const token = await loginSessions.begin(ask.asker.account, visitorOf(ask));
    cookies.set(ask.answerHeaders, "session_token", token);
  }

  return {
    async changePassword(ask) {
      countTry(ask);
      const { account } = ask.asker;
      await people.mustKnowPassword(account, ask.body.currentPassword);
      await people.setPassword(account, ask.body.newPassword);
      await renew(ask);
      await noteOwn(audit, ask, "account.change-password");
    },

    async enrolSecondFactor(ask) {
      countTry(ask);
      await people.mustKnowPassword(ask.asker.account, ask.body.password);
      return secondFactors.propose(ask.asker.account);
    },

    async confirmSecondFactor(ask) {
      countTry(ask);
      await secondFactors.confirm(ask.asker.account, ask.body.code);
      await renew(ask);
      await noteOwn(audit, ask, "account.add-second-factor");
    },

    async removeSecondFactor(ask) {
      countTry(ask);
      const { account } = ask.asker;
      await people.mustKnowPassword(account, ask.body.password);
      await secondFactors.spend(account.id, ask.body.code);
      await secondFactors.remove(account.id);
      await renew(ask);
      await noteOwn(audit, ask, "account.remove-second-factor");
    },
  };
}
