/** The handlers of links that make an account: an invitation's, and the first owner's. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import type { Invitations, StoredInvitation } from "../people/invitations.ts";
import type { LoginThrottle } from "../people/login-throttle.ts";
import type { People } from "../people/people.ts";
import type { PeopleAuth } from "../people/people-auth.ts";
import { forwardCookies, note, type PeopleHandlers } from "./people-handlers.ts";
import { invalidRequest } from "./problem.ts";

type JoinHandlers = PeopleHandlers<"openInvitation" | "acceptInvitation">;

export interface JoinParts {
  readonly auth: PeopleAuth;
  readonly people: People;
  readonly invitations: Invitations;
  readonly throttle: LoginThrottle;
  readonly audit: AuditLog;
}

export function createJoinHandlers({ auth, people, invitations, throttle, audit }: JoinParts): JoinHandlers {
  /** A setup link is worth nothing once there is anybody, however their account came to be. */
  async function open(token: string): Promise<StoredInvitation> {
    const invitation = await invitations.open(token);
    if (invitation.email === null && (await people.count()) > 0)
      throw new Refusal("invitation_gone", "This server is set up already: sign in");
    return invitation;
  }

  return {
    async openInvitation({ body, address }) {
      throttle.mustBeCalm(address, null);
      const { email, role, expiresAt } = await open(body.token);
      return { isSetup: email === null, email, role, expiresAt: expiresAt.toISOString() };
    },

    async acceptInvitation(ask) {
      const { token, name, password } = ask.body;
      throttle.mustBeCalm(ask.address, null);
      const invitation = await open(token);
      const email = invitation.email ?? ask.body.email;
      if (email === undefined) throw invalidRequest("email: the owner's e-mail address is missing");
      if (invitation.email !== null && ask.body.email !== undefined)
        throw invalidRequest("email: an invitation names it already, so leave it out");
      const { role, appIds, invitedBy } = invitation;
      const person = await invitations.use(token, () => people.add({ email, name, password, role, appIds }));
      await note(audit, ask, {
        actor: email,
        action: "person.join",
        target: `person ${email}`,
        after: { role, appIds, invitedBy, name: person.name },
      });
      const { headers } = await auth.api.signInEmail({
        body: { email, password },
        headers: ask.headers,
        returnHeaders: true,
      });
      forwardCookies(ask, headers);
    },
  };
}
