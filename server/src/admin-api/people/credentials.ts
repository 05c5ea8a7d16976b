/** The handlers for the password and the second factor. A change ends the caller's other sessions. */
import type { AuditAction } from "../../core/audit-actions.ts";
import type { Attempt } from "../../people/attempt.ts";
import type { ChangePeople, ChangingParts, PeopleParts } from "../../people/people-parts.ts";
import type { LoginCookies } from "./login-cookies.ts";
import { type OwnAsk, type PeopleHandlers, recordOwnAction, visitorOf } from "./people-handlers.ts";

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
  function guarded<Result>({ address, asker }: OwnAsk, work: () => Promise<Result>): Promise<Result> {
    const { email } = asker.account;
    const source = { address, account: email, device: `session ${asker.sessionId}` };
    return attempt(source, `person ${email}`, work);
  }

  /** The change ends all sessions, so this browser gets a new one. */
  async function changeAndRenew(
    ask: OwnAsk,
    action: AuditAction,
    change: (parts: ChangingParts) => Promise<unknown>,
  ): Promise<void> {
    const token = await changePeople(async (within) => {
      await change(within);
      const renewed = await within.loginSessions.begin(ask.asker.account, visitorOf(ask));
      await recordOwnAction(within.audit, ask, action);
      return renewed;
    });
    cookies.set(ask.answerHeaders, "session_token", token);
  }

  return {
    changePassword: (ask) =>
      guarded(ask, async () => {
        const { account } = ask.asker;
        await people.requirePassword(account, ask.body.currentPassword);
        const hash = await people.hashPassword(ask.body.newPassword, account);
        await changeAndRenew(ask, "account.change-password", (within) =>
          within.people.setPassword(account, hash),
        );
      }),

    enrolSecondFactor: (ask) =>
      guarded(ask, async () => {
        await people.requirePassword(ask.asker.account, ask.body.password);
        return secondFactors.propose(ask.asker.account);
      }),

    confirmSecondFactor: (ask) =>
      guarded(ask, async () => {
        const { account } = ask.asker;
        const checked = await secondFactors.checkFirst(account, ask.body.code);
        await changeAndRenew(ask, "account.add-second-factor", (within) =>
          within.secondFactors.confirm(account, checked),
        );
      }),

    removeSecondFactor: (ask) =>
      guarded(ask, async () => {
        const { account } = ask.asker;
        await people.requirePassword(account, ask.body.password);
        await secondFactors.consume(account.id, ask.body.code);
        await changeAndRenew(ask, "account.remove-second-factor", (within) =>
          within.secondFactors.remove(account.id),
        );
      }),
  };
}
