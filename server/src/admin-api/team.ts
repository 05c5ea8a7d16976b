/** The handlers of managing people: roles, removal, invitations. */

import type { Account, StoredInvitation } from "../core/ports/account-store.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import { Refusal } from "../core/refusal.ts";
import type { Role } from "../core/role.ts";
import type { Invitations } from "../people/invitations.ts";
import type { People } from "../people/people.ts";
import { isoTime } from "./handlers.ts";
import { pageOf, sortableNumber } from "./page.ts";
import type { Invitation } from "./people-contract.ts";
import { describePerson, note, type PeopleHandlers } from "./people-handlers.ts";
import { mustManage } from "./roles.ts";

type TeamHandlers = PeopleHandlers<
  "listPeople" | "changePerson" | "removePerson" | "invite" | "withdrawInvitation"
>;

export interface TeamParts {
  readonly people: People;
  readonly invitations: Invitations;
  readonly audit: AuditLog;
}

export interface LinkPlace {
  /** What links begin with: from the configuration, as no request is believed about it. */
  readonly dashboardUrl: () => string;
  /** False: it is for the server's own machine. */
  readonly isUrlKnown: boolean;
}

export function createTeamHandlers(
  { people, invitations, audit }: TeamParts,
  { dashboardUrl, isUrlKnown }: LinkPlace,
): TeamHandlers {
  const mayManage = (mine: Role, next?: Role) => (before: Account) =>
    mustManage(mine, next === undefined ? [before.role] : [before.role, next]);

  return {
    async listPeople({ query }) {
      const open = await invitations.list();
      const { items, ...page } = pageOf(
        await people.list(),
        ({ createdAtMs, id }) => `${sortableNumber(createdAtMs)} ${id}`,
        query,
      );
      return { people: items.map(describePerson), ...page, invitations: open.map(describe) };
    },

    async changePerson(ask) {
      const mayChange = mayManage(ask.asker.role, ask.body.role);
      const { before, after } = await people.changeRole(ask.params.personId, ask.body, mayChange);
      await note(audit, ask, {
        actor: ask.asker.identity,
        action: "person.change",
        target: `person ${after.email}`,
        before: { role: before.role, appIds: before.appIds },
        after: { role: after.role, appIds: after.appIds },
      });
      return { person: describePerson(after) };
    },

    async removePerson(ask) {
      const removed = await people.remove(ask.params.personId, mayManage(ask.asker.role));
      const { email, role, appIds } = removed;
      const before = { role, appIds };
      await note(audit, ask, {
        actor: ask.asker.identity,
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
        actor: ask.asker.identity,
        action: "person.invite",
        target: `person ${email}`,
        after: { role, appIds },
      });
      const path = `/invitation#${token}`;
      return {
        invitation: describe(invitation),
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

function describe({ email, createdAtMs, expiresAtMs, ...invitation }: StoredInvitation): Invitation {
  return {
    ...invitation,
    email: email ?? "",
    appIds: invitation.appIds === null ? null : [...invitation.appIds],
    createdAt: isoTime(createdAtMs),
    expiresAt: isoTime(expiresAtMs),
  };
}
