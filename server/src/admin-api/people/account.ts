/** The handlers for the caller's own account: its name and its sessions. */
import type { StoredSession } from "../../core/ports/session-store.ts";
import { Refusal } from "../../core/refusal.ts";
import type { LoginSessions } from "../../people/login-sessions.ts";
import type { ChangePeople } from "../../people/people-parts.ts";
import type { Session } from "../contracts/people.ts";
import { isoTime } from "../handlers.ts";
import { describePerson, type PeopleHandlers, recordOwnAction } from "./people-handlers.ts";

type AccountHandlers = PeopleHandlers<
  "changeAccount" | "listSessions" | "revokeSession" | "revokeOtherSessions"
>;

export function createAccountHandlers(
  loginSessions: LoginSessions,
  changePeople: ChangePeople,
): AccountHandlers {
  return {
    async changeAccount(ask) {
      const { id, name: before } = ask.asker.account;
      return changePeople(async ({ people, audit }) => {
        const person = await people.rename(id, ask.body.name);
        await recordOwnAction(audit, ask, "account.rename", {
          before: { name: before },
          after: { name: person.name },
        });
        return { person: describePerson(person) };
      });
    },

    async listSessions({ asker }) {
      const stored = await loginSessions.list(asker.account.id);
      return { sessions: stored.map((session) => describeSession(session, asker.sessionId)) };
    },

    async revokeSession(ask) {
      await changePeople(async (within) => {
        if (!(await within.loginSessions.end(ask.asker.account.id, ask.params.sessionId)))
          throw new Refusal(
            "session_not_found",
            "You have no session with this id. It may have ended already",
          );
        await recordOwnAction(within.audit, ask, "session.revoke", { after: { sessions: 1 } });
      });
    },

    async revokeOtherSessions(ask) {
      await changePeople(async (within) => {
        const { account, sessionId } = ask.asker;
        const sessions = await within.loginSessions.endOthers(account.id, sessionId);
        await recordOwnAction(within.audit, ask, "session.revoke", { after: { sessions } });
      });
    },
  };
}

function describeSession(session: StoredSession, currentId: string): Session {
  const { id, address, userAgent, createdAtMs, seenAtMs, expiresAtMs } = session;
  return {
    id,
    isCurrent: id === currentId,
    address,
    userAgent,
    createdAt: isoTime(createdAtMs),
    lastSeenAt: isoTime(seenAtMs),
    expiresAt: isoTime(expiresAtMs),
  };
}
