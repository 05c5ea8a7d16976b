/** What every way of logging in ends with: the browser's cookie, and a line of the audit log. */
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { LoginSessions } from "../people/login-sessions.ts";
import type { Admission } from "../people/logins.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { note, type PeopleAsk, personIdentity } from "./people-handlers.ts";
import { tokenOf } from "./session.ts";

/**
 * Hands the browser its session, or the login that waits for a code. A session that it had before ends.
 * @param facts for the audit log, such as how the person logged in
 */
export type Admit = (
  ask: Pick<PeopleAsk, "request" | "address" | "answerHeaders">,
  admission: Admission,
  facts: Readonly<Record<string, string>>,
) => Promise<void>;

export function createAdmit(sessions: LoginSessions, cookies: LoginCookies, audit: AuditLog): Admit {
  /** Answers whether the browser had a session cookie. */
  async function endFormer(request: Request): Promise<boolean> {
    const token = tokenOf(cookies, request);
    if (token === null) return false;
    const former = await sessions.find(token);
    if (former !== null) await sessions.end(former.account.id, former.session.id);
    return true;
  }

  return async function admit({ request, address, answerHeaders }, admission, facts) {
    const hadCookie = await endFormer(request);
    if (admission.kind === "needsCode") {
      if (hadCookie) cookies.clear(answerHeaders, "session_token");
      cookies.set(answerHeaders, "pending", admission.pendingToken);
      return;
    }
    cookies.set(answerHeaders, "session_token", admission.token);
    const { account } = admission;
    const what = { action: "session.begin", target: `person ${account.email}`, after: facts };
    await note(audit, { address }, { actor: personIdentity(account), ...what });
  };
}
