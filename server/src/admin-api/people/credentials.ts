/** The handlers for the password and the second factor. A change ends the caller's other sessions. */
import type { AuditAction } from "../../core/audit-actions.ts";
import type { Attempt } from "../../people/attempt.ts";
import type { ChangePeople, ChangingParts, PeopleParts } from "../../people/people-parts.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { type OwnCall, type PeopleHandlers, recordOwnAction, visitorOf } from "./people-handlers.ts";

type CredentialHandlers = PeopleHandlers<
  "changePassword" | "enrolSecondFactor" | "confirmSecondFactor" | "removeSecondFactor"
>;

export interface CredentialParts extends Pick<PeopleParts, "people" | "secondFactors"> {
  readonly changePeople: ChangePeople;
  readonly cookies: LoginCookies;
  readonly attempt: Attempt;
}

export function createCredentialHandlers(parts: CredentialParts): CredentialHandlers {
  const { people, secondFactors, changePeople, cookies, attempt } = parts;

  /**
   * Limits attempts, so that a stolen session does not allow guessing the password. The limit is that of the session, so
   * strangers cannot use it up.
   */
  function guarded<Result>({ address, caller }: OwnCall, work: () => Promise<Result>): Promise<Result> {
    const { email } = caller.account;
    const source = { address, account: email, device: `session ${caller.sessionId}` };
    return attempt(source, `person ${email}`, work);
  }

  /** The change ends all sessions, so this browser gets a new one. */
  async function changeAndRenew(
    call: OwnCall,
    action: AuditAction,
    change: (parts: ChangingParts) => Promise<unknown>,
  ): Promise<void> {
    const token = await changePeople(async (within) => {
      await change(within);
      const renewed = await within.loginSessions.begin(call.caller.account, visitorOf(call));
      await recordOwnAction(within.audit, call, action);
      return renewed;
    });
    cookies.set(call.answerHeaders, "session_token", token);
  }

  return {
    changePassword: (call) =>
      guarded(call, async () => {
        const { account } = call.caller;
        await people.requirePassword(account, call.body.currentPassword);
        const hash = await people.hashPassword(call.body.newPassword, account);
        await changeAndRenew(call, "account.change-password", (within) =>
          within.people.setPassword(account, hash),
        );
      }),

    enrolSecondFactor: (call) =>
      guarded(call, async () => {
        await people.requirePassword(call.caller.account, call.body.password);
        return secondFactors.propose(call.caller.account);
      }),

    confirmSecondFactor: (call) =>
      guarded(call, async () => {
        const { account } = call.caller;
        const checked = await secondFactors.checkFirst(account, call.body.code);
        await changeAndRenew(call, "account.add-second-factor", (within) =>
          within.secondFactors.confirm(account, checked),
        );
      }),

    removeSecondFactor: (call) =>
      guarded(call, async () => {
        const { account } = call.caller;
        await people.requirePassword(account, call.body.password);
        await secondFactors.consume(account.id, call.body.code);
        await changeAndRenew(call, "account.remove-second-factor", (within) =>
          within.secondFactors.remove(account.id),
        );
      }),
  };
}
