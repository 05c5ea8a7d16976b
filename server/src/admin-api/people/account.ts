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
    async changeAccount(call) {
      const { id, name: before } = call.caller.account;
      return changePeople(async ({ people, audit }) => {
        const person = await people.rename(id, call.body.name);
        await recordOwnAction(audit, call, "account.rename", {
          before: { name: before },
          after: { name: person.name },
        });
        return { person: describePerson(person) };
      });
    },

    async listSessions({ caller }) {
      const stored = await loginSessions.list(caller.account.id);
      return { sessions: stored.map((session) => describeSession(session, caller.sessionId)) };
    },

    async revokeSession(call) {
      await changePeople(async (within) => {
        if (!(await within.loginSessions.end(call.caller.account.id, call.params.sessionId)))
          throw new Refusal(
            "session_not_found",
            "You have no session with this id. It may have ended already",
          );
        await recordOwnAction(within.audit, call, "session.revoke", { after: { sessions: 1 } });
      });
    },

    async revokeOtherSessions(call) {
      await changePeople(async (within) => {
        const { account, sessionId } = call.caller;
        const sessions = await within.loginSessions.endOthers(account.id, sessionId);
        await recordOwnAction(within.audit, call, "session.revoke", { after: { sessions } });
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
