/** The handlers of inviting people. */
import { actorLabel } from "../core/actor.ts";
import type { StoredInvitation } from "../core/ports/account-store.ts";
import { Refusal } from "../core/refusal.ts";
import { isoTime } from "./handlers.ts";
import type { Invitation } from "./people-contract.ts";
import { note, type PeopleHandlers } from "./people-handlers.ts";
import { mustManage } from "./roles.ts";
import type { TeamParts } from "./team.ts";

type InvitationHandlers = PeopleHandlers<"invite" | "withdrawInvitation">;

export interface LinkPlace {
  /** What links begin with: from the configuration, as no request is believed about it. */
  readonly dashboardUrl: () => string;
  /** False: it is for the server's own machine. */
  readonly isUrlKnown: boolean;
}

export function createInvitationHandlers(
  { people, invitations, audit }: TeamParts,
  { dashboardUrl, isUrlKnown }: LinkPlace,
): InvitationHandlers {
  return {
    async invite(ask) {
      const { email, role, appIds } = ask.body;
      mustManage(ask.asker.role, [role]);
      if ((await people.findByEmail(email)) !== null)
        throw new Refusal("person_exists", `${email} has an account already: change its role instead`);
      const invitedBy = actorLabel(ask.asker.identity);
      const { invitation, token } = await invitations.make({
        email,
        role,
        appIds,
        invitedBy,
        ownerId: ask.asker.ownerId,
      });
      await note(audit, ask, {
        actor: ask.asker.identity,
        action: "person.invite",
        target: `person ${email}`,
        after: { role, appIds },
      });
      const path = `/invitation#${token}`;
      return {
        invitation: describeInvitation(invitation),
        url: `${dashboardUrl()}${path}`,
        path,
        isUrlKnown,
      };
    },

    async withdrawInvitation(ask) {
      const { email, role } = await invitations.withdraw(ask.params.invitationId);
      await note(audit, ask, {
        actor: ask.asker.identity,
        action: "person.withdraw-invitation",
        target: `person ${email}`,
        before: { role },
      });
    },
  };
}

export function describeInvitation({
  email,
  createdAtMs,
  expiresAtMs,
  ownerId: _,
  ...invitation
}: StoredInvitation): Invitation {
  return {
    ...invitation,
    email: email ?? "",
    appIds: invitation.appIds === null ? null : [...invitation.appIds],
    createdAt: isoTime(createdAtMs),
    expiresAt: isoTime(expiresAtMs),
  };
}
