/** The last step of every login: creates the session with its audit entry in one transaction, and sets the cookies. */
import type { KnownDevices } from "../../people/known-devices.ts";
import type { Admission } from "../../people/logins.ts";
import type { ChangePeople, ChangingParts } from "../../people/people-parts.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { type PeopleCall, personIdentity, recordAction } from "./people-handlers.ts";
import { tokenOf } from "./session.ts";

/**
 * Sets the cookie of a session, or of a login that waits for a code. Ends the browser's previous session.
 * @param begin runs in the transaction
 * @param facts for the audit log, such as the method of the login
 */
export type Admit = (
  call: Pick<PeopleCall, "request" | "address" | "answerHeaders">,
  begin: (parts: ChangingParts) => Promise<Admission>,
  facts: Readonly<Record<string, string>>,
) => Promise<Admission>;

export function createAdmit(changePeople: ChangePeople, cookies: LoginCookies, devices: KnownDevices): Admit {
  /** Marks the browser as known for this account. */
  function remember({ request, answerHeaders }: Parameters<Admit>[0], email: string): void {
    const token = cookies.read(request, "device");
    const isKnown = devices.idOf(token, email) !== null;
    cookies.set(answerHeaders, "device", isKnown && token !== null ? token : devices.newToken(email));
  }

  return async function admit(call, begin, facts) {
    const { request, address, answerHeaders } = call;
    const formerToken = tokenOf(cookies, request);
    const admission = await changePeople(async (parts) => {
      const admitted = await begin(parts);
      if (formerToken !== null) await parts.loginSessions.endByToken(formerToken);
      const { account } = admitted;
      const what = { action: "session.begin", target: `person ${account.email}`, after: facts } as const;
      if (admitted.kind === "session")
        await recordAction(parts.audit, { address }, { actor: personIdentity(account), ...what });
      return admitted;
    });
    if (admission.kind === "needsCode") {
      if (formerToken !== null) cookies.clear(answerHeaders, "session_token");
      cookies.set(answerHeaders, "pending", admission.pendingToken);
    } else {
      cookies.set(answerHeaders, "session_token", admission.token);
      remember(call, admission.account.email);
    }
    return admission;
  };
}
