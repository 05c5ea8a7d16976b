/**
 * The ways to log in. The first step checks the person's credentials and counts attempts; it may take long. The
 * second step begins a session or, with a second factor, a login that waits for its code; it runs within a
 * transaction.
 */
import type { Account, AccountStore } from "../core/ports/account-store.ts";
import type { PendingLogin } from "../core/ports/session-store.ts";
import { Refusal } from "../core/refusal.ts";
import type { LoginSessions, Visitor } from "./login-sessions.ts";
import { type OidcPerson, OidcRefused } from "./oidc-login.ts";
import type { Passwords } from "./passwords.ts";
import type { GivenCode, SecondFactors } from "./second-factors.ts";

export type Admission =
  | { readonly kind: "session"; readonly account: Account; readonly token: string }
  | { readonly kind: "needsCode"; readonly account: Account; readonly pendingToken: string };

/** A person who entered the correct password. */
export interface KnownByPassword {
  readonly accountId: string;
  readonly passwordHash: string;
}

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

  /**
   * @param email in lower case
   * @param isUrgent whether to check it before the attempts of unknown browsers
   * @throws Refusal `login_failed`, also for an unknown address; `too_many_attempts`
   */
  async checkPassword(email: string, password: string, isUrgent: boolean): Promise<KnownByPassword> {
    const account = await this.#accounts.findByEmail(email);
    const hash = account === null ? null : await this.#accounts.passwordHash(account.id);
    const isRight = await this.#passwords.verify(password, hash, isUrgent);
    if (!isRight || account === null || hash === null) throw wrongPassword();
    return { accountId: account.id, passwordHash: hash };
  }

  /** @throws Refusal `login_failed` if the account was removed or its password changed since */
  async withPassword({ accountId, passwordHash }: KnownByPassword, visitor: Visitor): Promise<Admission> {
    const account = await this.#accounts.find(accountId);
    if (account === null || (await this.#accounts.passwordHash(accountId)) !== passwordHash)
      throw wrongPassword();
    return this.#admit(account, "password", visitor);
  }

  /**
   * Finds the account by its linked identity, or else by an e-mail address that the provider has verified.
   * @throws OidcRefused
   */
  async withOidc(person: OidcPerson, visitor: Visitor): Promise<Admission> {
    const account = (await this.#accounts.findByIdentity(person)) ?? (await this.#byVerifiedEmail(person));
    await this.#accounts.linkIdentity(account.id, person);
    return this.#admit(account, "oidc", visitor);
  }

  /**
   * Counts an attempt of a login that waits for its code, and consumes the code.
   * @throws Refusal `login_failed` if the login has ended, `wrong_code`, `code_used`, `too_many_attempts`
   */
  async checkCode(pendingToken: string, code: GivenCode): Promise<PendingLogin> {
    const pending = await this.#sessions.takePendingTry(pendingToken);
    if (pending === null) throw beginAgain();
    await this.#secondFactors.consume(pending.accountId, code);
    return pending;
  }

  /** Finishes a login after a correct code. @throws Refusal `login_failed` if it has ended */
  async withCode(pendingToken: string, { accountId }: PendingLogin, visitor: Visitor): Promise<Admission> {
    const account = await this.#accounts.find(accountId);
    if (account === null || !(await this.#sessions.finishPending(pendingToken))) throw beginAgain();
    return this.begin(account, visitor);
  }

  /** Begins a session for a person who has passed all checks. */
  async begin(account: Account, visitor: Visitor): Promise<Admission> {
    return { kind: "session", account, token: await this.#sessions.begin(account, visitor) };
  }

  async #byVerifiedEmail({ email, isEmailVerified }: OidcPerson): Promise<Account> {
    if (email === null) throw new OidcRefused("email_missing", "The provider sent no e-mail address");
    if (!isEmailVerified)
      throw new OidcRefused("email_not_verified", "The provider has not verified the e-mail address");
    const account = await this.#accounts.findByEmail(email);
    if (account === null)
      throw new OidcRefused(
        "no_account",
        "There is no account with the e-mail address that the provider sent",
      );
    return account;
  }

  async #admit(account: Account, method: string, visitor: Visitor): Promise<Admission> {
    if (!account.hasSecondFactor) return this.begin(account, visitor);
    return { kind: "needsCode", account, pendingToken: await this.#sessions.beginPending(account, method) };
  }
}

function wrongPassword(): Refusal {
  return new Refusal("login_failed", "The e-mail address or the password is wrong");
}

function beginAgain(): Refusal {
  return new Refusal("login_failed", "Too late or too many codes: log in again");
}
