/** The handlers that create and withdraw invitations. */
import { actorLabel } from "../../core/actor.ts";
import type { StoredInvitation } from "../../core/ports/account-store.ts";
import { Refusal } from "../../core/refusal.ts";
import type { People } from "../../people/people.ts";
import type { ChangePeople } from "../../people/people-parts.ts";
import type { Invitation } from "../contracts/people.ts";
import { isoTime } from "../handlers.ts";
import { requireApps, requireMayManage } from "../roles.ts";
import { type PeopleHandlers, recordAction } from "./people-handlers.ts";

type InvitationHandlers = PeopleHandlers<"invite" | "withdrawInvitation">;

export interface InvitationOptions {
  readonly isApp: (appId: string) => boolean;
  /** The beginning of links. It comes from the configuration, because requests can be forged. */
  readonly dashboardUrl: () => string;
  /** False: no public URL is configured, so the link works only on the server's own machine. */
  readonly isUrlKnown: boolean;
}

export function createInvitationHandlers(
  people: People,
  changePeople: ChangePeople,
  { isApp, dashboardUrl, isUrlKnown }: InvitationOptions,
): InvitationHandlers {
  return {
    async invite(call) {
      const { email, role, appIds } = call.body;
      requireMayManage(call.caller.role, [role]);
      requireApps(appIds, isApp);
      if ((await people.findByEmail(email)) !== null)
        throw new Refusal("person_exists", `${email} has an account already: change its role instead`);
      const invitedBy = actorLabel(call.caller.identity);
      const given = { email, role, appIds, invitedBy, ownerId: call.caller.ownerId };
      const { invitation, token } = await changePeople(async ({ invitations, audit }) => {
        const made = await invitations.make(given);
        await recordAction(audit, call, {
          actor: call.caller.identity,
          action: "person.invite",
          target: `person ${email}`,
          after: { role, appIds },
        });
        return made;
      });
      const path = `/invitation#${token}`;
      return {
        invitation: describeInvitation(invitation),
        url: `${dashboardUrl()}${path}`,
        path,
        isUrlKnown,
      };
    },

    async withdrawInvitation(call) {
      await changePeople(async ({ invitations, audit }) => {
        const { email, role } = await invitations.withdraw(call.params.invitationId);
        await recordAction(audit, call, {
          actor: call.caller.identity,
          action: "person.withdraw-invitation",
          target: `person ${email}`,
          before: { role },
        });
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
