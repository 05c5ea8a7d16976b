/** The handlers that list people, change their roles and remove them. */
import type { Account } from "../../core/ports/account-store.ts";
import type { Role } from "../../core/role.ts";
import type { ChangePeople, PeopleParts } from "../../people/people-parts.ts";
import { pageOf, sortableNumber } from "../page.ts";
import { requireApps, requireMayManage } from "../roles.ts";
import { describeInvitation } from "./invitations.ts";
import { describePerson, type PeopleHandlers, recordAction } from "./people-handlers.ts";

type TeamHandlers = PeopleHandlers<"listPeople" | "changePerson" | "removePerson">;

export function createTeamHandlers(
  { people, invitations }: Pick<PeopleParts, "people" | "invitations">,
  changePeople: ChangePeople,
  isApp: (appId: string) => boolean,
): TeamHandlers {
  const mayManage = (mine: Role, next?: Role) => (before: Account) =>
    requireMayManage(mine, next === undefined ? [before.role] : [before.role, next]);

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

    async changePerson(call) {
      requireApps(call.body.appIds, isApp);
      const mayChange = mayManage(call.caller.role, call.body.role);
      return changePeople(async (team) => {
        const { before, after } = await team.people.changeRole(call.params.personId, call.body, mayChange);
        await recordAction(team.audit, call, {
          actor: call.caller.identity,
          action: "person.change",
          target: `person ${after.email}`,
          before: { role: before.role, appIds: before.appIds },
          after: { role: after.role, appIds: after.appIds },
        });
        return { person: describePerson(after) };
      });
    },

    async removePerson(call) {
      await changePeople(async (team) => {
        const removed = await team.people.remove(call.params.personId, mayManage(call.caller.role));
        const { email, role, appIds } = removed;
        await recordAction(team.audit, call, {
          actor: call.caller.identity,
          action: "person.remove",
          target: `person ${email}`,
          before: { role, appIds },
        });
      });
    },
  };
}
