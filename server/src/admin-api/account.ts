/** The handlers of one's own account: its name and its sessions. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { StoredSession } from "../core/ports/session-store.ts";
import { Refusal } from "../core/refusal.ts";
import type { LoginSessions } from "../people/login-sessions.ts";
import type { People } from "../people/people.ts";
import type { Session } from "./contracts/people.ts";
import { isoTime } from "./handlers.ts";
import { describePerson, noteOwn, type PeopleHandlers } from "./people-handlers.ts";

type AccountHandlers = PeopleHandlers<
  "changeAccount" | "listSessions" | "revokeSession" | "revokeOtherSessions"
>;

export function createAccountHandlers(
  people: People,
  loginSessions: LoginSessions,
  audit: AuditLog,
): AccountHandlers {
  return {
    async changeAccount(ask) {
      return { person: describePerson(await people.rename(ask.asker.account.id, ask.body.name)) };
    },

    async listSessions({ asker }) {
      const stored = await loginSessions.list(asker.account.id);
      return { sessions: stored.map((session) => describeSession(session, asker.sessionId)) };
    },

    async revokeSession(ask) {
      if (!(await loginSessions.end(ask.asker.account.id, ask.params.sessionId)))
        throw new Refusal("session_not_found", "You have no such session: it may have ended already");
      await noteOwn(audit, ask, "session.revoke", { sessions: 1 });
    },

    async revokeOtherSessions(ask) {
      const sessions = await loginSessions.endOthers(ask.asker.account.id, ask.asker.sessionId);
      await noteOwn(audit, ask, "session.revoke", { sessions });
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
