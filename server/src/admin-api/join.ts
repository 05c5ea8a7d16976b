/** The handlers of links that make an account: an invitation's, and the first owner's. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Invitations } from "../people/invitations.ts";
import type { LoginSessions } from "../people/login-sessions.ts";
import type { LoginThrottle } from "../people/login-throttle.ts";
import type { People } from "../people/people.ts";
import type { Admit } from "./admit.ts";
import { isoTime } from "./handlers.ts";
import { note, type PeopleHandlers, personIdentity, visitorOf } from "./people-handlers.ts";

type JoinHandlers = PeopleHandlers<"openInvitation" | "acceptInvitation">;

export interface JoinParts {
  readonly people: People;
  readonly invitations: Invitations;
  readonly loginSessions: LoginSessions;
  readonly throttle: LoginThrottle;
  readonly admit: Admit;
  readonly audit: AuditLog;
}

export function createJoinHandlers(parts: JoinParts): JoinHandlers {
  const { people, invitations, loginSessions, throttle, admit, audit } = parts;
  return {
    async openInvitation({ body, address }) {
      throttle.countTry(address, null);
      const { email, role, expiresAtMs } = await invitations.open(body.token);
      return { isSetup: email === null, email, role, expiresAt: isoTime(expiresAtMs) };
    },

    async acceptInvitation(ask) {
      throttle.countTry(ask.address, null);
      const { token, email, name, password } = ask.body;
      const { account, invitedBy } = await people.join(invitations, token, { email, name, password });
      const { role, appIds } = account;
      await note(audit, ask, {
        actor: personIdentity(account),
        action: "person.join",
        target: `person ${account.email}`,
        after: { role, appIds, invitedBy, name },
      });
      const session = await loginSessions.begin(account, visitorOf(ask));
      await admit(ask, { kind: "session", account, token: session }, { method: "invitation" });
    },
  };
}
