/** The handlers of managing people: who there is, their roles, their removal. */
import type { Account } from "../core/ports/account-store.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Role } from "../core/role.ts";
import type { Invitations } from "../people/invitations.ts";
import type { People } from "../people/people.ts";
import { describeInvitation } from "./invitations.ts";
import { pageOf, sortableNumber } from "./page.ts";
import { describePerson, note, type PeopleHandlers } from "./people-handlers.ts";
import { mustManage } from "./roles.ts";

type TeamHandlers = PeopleHandlers<"listPeople" | "changePerson" | "removePerson">;

export interface TeamParts {
  readonly people: People;
  readonly invitations: Invitations;
  readonly audit: Pick<AuditLog, "append">;
}

/** Runs a change and its line in the audit log as one transaction. It may run again: see `InOneTransaction`. */
export type ChangeTeam = <Result>(change: (parts: TeamParts) => Promise<Result>) => Promise<Result>;

export function createTeamHandlers(
  { people, invitations }: Pick<TeamParts, "people" | "invitations">,
  changeTeam: ChangeTeam,
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
      return { people: items.map(describePerson), ...page, invitations: open.map(describeInvitation) };
    },

    async changePerson(ask) {
      const mayChange = mayManage(ask.asker.role, ask.body.role);
      return changeTeam(async (team) => {
        const { before, after } = await team.people.changeRole(ask.params.personId, ask.body, mayChange);
        await note(team.audit, ask, {
          actor: ask.asker.identity,
          action: "person.change",
          target: `person ${after.email}`,
          before: { role: before.role, appIds: before.appIds },
          after: { role: after.role, appIds: after.appIds },
        });
        return { person: describePerson(after) };
      });
    },

    async removePerson(ask) {
      await changeTeam(async (team) => {
        const removed = await team.people.remove(ask.params.personId, mayManage(ask.asker.role));
        const { email, role, appIds } = removed;
        await note(team.audit, ask, {
          actor: ask.asker.identity,
          action: "person.remove",
          target: `person ${email}`,
          before: { role, appIds },
        });
      });
    },
  };
}
