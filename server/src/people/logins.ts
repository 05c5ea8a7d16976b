/** Ways to log in. Each ends in a session, or, with a second factor, in a login that waits for its code. */
import type { Account, AccountStore } from "../core/ports/account-store.ts";
import { Refusal } from "../core/refusal.ts";
import type { LoginSessions, Visitor } from "./login-sessions.ts";
import { type OidcPerson, OidcRefused } from "./oidc-login.ts";
import type { Passwords } from "./passwords.ts";
import type { GivenCode, SecondFactors } from "./second-factors.ts";

export type Admission =
  | { readonly kind: "session"; readonly account: Account; readonly token: string }
  | { readonly kind: "needsCode"; readonly account: Account; readonly pendingToken: string };

export class Logins {
  readonly #accounts: AccountStore;
  readonly #passwords: Passwords;
  readonly #sessions: LoginSessions;
  readonly #secondFactors: SecondFactors;

  constructor(
    accounts: AccountStore,
    passwords: Passwords,
    sessions: LoginSessions,
    secondFactors: SecondFactors,
  ) {
    this.#accounts = accounts;
    this.#passwords = passwords;
    this.#sessions = sessions;
    this.#secondFactors = secondFactors;
  }

  /** @param email in lower case. @throws Refusal `login_failed`, the same for an unknown address */
  async withPassword(email: string, password: string, visitor: Visitor): Promise<Admission> {
    const account = await this.#accounts.findByEmail(email);
    const hash = account === null ? null : await this.#accounts.passwordHash(account.id);
    if (!(await this.#passwords.verify(password, hash)) || account === null)
      throw new Refusal("login_failed", "The e-mail address or the password is wrong");
    return this.#admit(account, "password", visitor);
  }

  /**
   * By the identity that was linked to the account before, or else by an address that the provider has verified.
   * @throws OidcRefused
   */
  async withOidc(person: OidcPerson, visitor: Visitor): Promise<Admission> {
    const account = (await this.#accounts.findByIdentity(person)) ?? (await this.#byVerifiedEmail(person));
    await this.#accounts.linkIdentity(account.id, person);
    return this.#admit(account, "oidc", visitor);
  }

  /**
   * Finishes a login that waits for its code.
   * @throws Refusal `login_failed` where it is over, `wrong_code`, `code_used`, `too_many_attempts`
   */
  async withCode(
    pendingToken: string,
    code: GivenCode,
    visitor: Visitor,
  ): Promise<{ account: Account; token: string; method: string }> {
    const pending = await this.#sessions.takePendingTry(pendingToken);
    if (pending === null) throw beginAgain();
    await this.#secondFactors.spend(pending.accountId, code);
    const account = await this.#accounts.find(pending.accountId);
    if (account === null || !(await this.#sessions.finishPending(pendingToken))) throw beginAgain();
    return { account, token: await this.#sessions.begin(account, visitor), method: pending.method };
  }

  async #byVerifiedEmail({ email, isEmailVerified }: OidcPerson): Promise<Account> {
    if (email === null) throw new OidcRefused("email_missing", "The provider named no e-mail address");
    if (!isEmailVerified)
      throw new OidcRefused("email_not_verified", "The provider has not verified the e-mail address");
    const account = await this.#accounts.findByEmail(email);
    if (account === null)
      throw new OidcRefused(
        "no_account",
        "Nobody has an account with the e-mail address that the provider named",
      );
    return account;
  }

  async #admit(account: Account, method: string, visitor: Visitor): Promise<Admission> {
    if (account.hasSecondFactor)
      return { kind: "needsCode", account, pendingToken: await this.#sessions.beginPending(account, method) };
    return { kind: "session", account, token: await this.#sessions.begin(account, visitor) };
  }
}

function beginAgain(): Refusal {
  return new Refusal("login_failed", "Too late or too many codes: log in again");
}
