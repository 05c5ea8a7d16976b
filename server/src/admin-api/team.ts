/** The handlers of managing people: roles, removal, invitations. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import type { Invitations, StoredInvitation } from "../people/invitations.ts";
import type { People } from "../people/people.ts";
import { pageOf } from "./page.ts";
import type { Invitation } from "./people-contract.ts";
import { note, type PeopleHandlers } from "./people-handlers.ts";
import { mustManage } from "./roles.ts";
import type { DashboardUrlFor } from "./session.ts";

type TeamHandlers = PeopleHandlers<
  "listPeople" | "changePerson" | "removePerson" | "invite" | "withdrawInvitation"
>;

export interface TeamParts {
  readonly people: People;
  readonly invitations: Invitations;
  readonly audit: AuditLog;
}

export function createTeamHandlers(
  { people, invitations, audit }: TeamParts,
  dashboardUrlFor: DashboardUrlFor,
): TeamHandlers {
  return {
    async listPeople({ query }) {
      const open = await invitations.list();
      const { items, ...page } = pageOf(
        await people.list(),
        ({ createdAt, id }) => `${createdAt} ${id}`,
        query,
      );
      return { people: items, ...page, invitations: open.map(describe) };
    },

    async changePerson(ask) {
      const before = await people.get(ask.params.personId);
      mustManage(ask.asker.role, [before.role, ask.body.role]);
      const person = await people.change(before, ask.body);
      await note(audit, ask, {
        actor: ask.asker.name,
        action: "person.change",
        target: `person ${person.email}`,
        before: { role: before.role, appIds: before.appIds },
        after: { role: person.role, appIds: person.appIds },
      });
      return { person };
    },

    async removePerson(ask) {
      const person = await people.get(ask.params.personId);
      mustManage(ask.asker.role, [person.role]);
      await people.remove(person);
      const { email, role, appIds } = person;
      const before = { role, appIds };
      await note(audit, ask, {
        actor: ask.asker.name,
        action: "person.remove",
        target: `person ${email}`,
        before,
      });
    },

    async invite(ask) {
      const { email, role, appIds } = ask.body;
      mustManage(ask.asker.role, [role]);
      if ((await people.findByEmail(email)) !== null)
        throw new Refusal("person_exists", `${email} has an account already: change its role instead`);
      const invitedBy = ask.asker.name;
      const { invitation, token } = await invitations.make({ email, role, appIds, invitedBy });
      await note(audit, ask, {
        actor: invitedBy,
        action: "person.invite",
        target: `person ${email}`,
        after: { role, appIds },
      });
      return { invitation: describe(invitation), url: `${dashboardUrlFor(ask.request)}/invitation#${token}` };
    },

    async withdrawInvitation(ask) {
      const { email, role } = await invitations.withdraw(ask.params.invitationId);
      await note(audit, ask, {
        actor: ask.asker.name,
        action: "person.withdraw-invitation",
        target: `person ${email}`,
        before: { role },
      });
    },
  };
}

function describe({ email, createdAt, expiresAt, ...invitation }: StoredInvitation): Invitation {
  return {
    ...invitation,
    email: email ?? "",
    appIds: invitation.appIds === null ? null : [...invitation.appIds],
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
