/** The handlers for links that create an account: invitations, and the first owner's setup link. */

import type { Attempt } from "../../people/attempt.ts";
import type { PeopleParts } from "../../people/people-parts.ts";
import { isoTime } from "../handlers.ts";
import type { Admit } from "./admit.ts";
import { type PeopleHandlers, personIdentity, recordAction, visitorOf } from "./people-handlers.ts";

type JoinHandlers = PeopleHandlers<"openInvitation" | "acceptInvitation">;

export interface JoinParts extends Pick<PeopleParts, "people" | "invitations"> {
  readonly attempt: Attempt;
  readonly admit: Admit;
}

export function createJoinHandlers({ people, invitations, attempt, admit }: JoinParts): JoinHandlers {
  const tryLink = <Result>(address: string | null, work: () => Promise<Result>) =>
    attempt({ address, account: null, device: null }, "invitation", work);

  return {
    openInvitation: ({ body, address }) =>
      tryLink(address, async () => {
        const { email, role, expiresAtMs } = await invitations.open(body.token);
        return { isSetup: email === null, email, role, expiresAt: isoTime(expiresAtMs) };
      }),

    acceptInvitation: (call) =>
      tryLink(call.address, async () => {
        const { token, email, name, password } = call.body;
        const member = await people.newMember(invitations, token, { email, name, password });
        const { passwordHash: _, ...account } = member.account;
        const { role, appIds } = account;
        const join = async ({ people: joined, logins, audit }: Parameters<Parameters<Admit>[1]>[0]) => {
          await joined.join(member);
          await recordAction(audit, call, {
            actor: personIdentity(account),
            action: "person.join",
            target: `person ${account.email}`,
            after: { role, appIds, invitedBy: member.invitedBy, name },
          });
          return logins.begin({ ...account, hasSecondFactor: false }, visitorOf(call));
        };
        await admit(call, join, { method: "invitation" });
      }),
  };
}
