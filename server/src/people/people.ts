/** Everybody with an account. Once there was an owner, there is always one. */
import type { Account, AccountStore, MustMay, NewAccount } from "../core/ports/account-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import type { RoleAndApps } from "../core/role.ts";
import { gone, type Invitations } from "./invitations.ts";
import { mustBeStrong } from "./password-strength.ts";
import type { Passwords } from "./passwords.ts";
import { hashOfToken, newId } from "./tokens.ts";

export interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

export class People {
  readonly #store: AccountStore;
  readonly #passwords: Passwords;
  readonly #clock: Pick<Clock, "now">;

  constructor(store: AccountStore, passwords: Passwords, clock: Pick<Clock, "now">) {
    this.#store = store;
    this.#passwords = passwords;
    this.#clock = clock;
  }

  count(): Promise<number> {
    return this.#store.count();
  }

  /** The oldest account first. */
  list(): Promise<Account[]> {
    return this.#store.list();
  }

  /** @param email in lower case */
  findByEmail(email: string): Promise<Account | null> {
    return this.#store.findByEmail(email);
  }

  /**
   * Makes the first owner. False: somebody has an account already.
   * @throws Refusal `password_too_weak`
   */
  async addOwner(person: NewPerson): Promise<boolean> {
    return this.#store.addFirst(await this.#newAccount(person, { role: "owner", appIds: null }));
  }

  /**
   * Makes the account that the link is for, and uses it up.
   * @throws Refusal `invitation_gone`, `person_exists`, `password_too_weak`, `invalid_request`
   */
  async join(
    invitations: Invitations,
    token: string,
    person: Omit<NewPerson, "email"> & { readonly email: string | undefined },
  ): Promise<{ account: Account; invitedBy: string }> {
    const invitation = await invitations.open(token);
    if (invitation.email !== null && person.email !== undefined)
      throw new Refusal("invalid_request", "email: an invitation names it already, so leave it out");
    const email = invitation.email ?? person.email;
    if (email === undefined)
      throw new Refusal("invalid_request", "email: the owner's e-mail address is missing");
    const { passwordHash, ...account } = await this.#newAccount({ ...person, email }, invitation);
    const outcome = await this.#store.join(
      hashOfToken(token),
      { ...account, passwordHash },
      this.#clock.now(),
    );
    if (outcome === "invitation_gone") throw gone();
    if (outcome === "account_exists") throw new Refusal("person_exists", `${email} has an account already`);
    return { account: { ...account, hasSecondFactor: false }, invitedBy: invitation.invitedBy };
  }

  /** @throws Refusal `wrong_password` */
  async mustKnowPassword({ id }: Account, password: string): Promise<void> {
    if (await this.#passwords.verify(password, await this.#store.passwordHash(id))) return;
    throw new Refusal("wrong_password", "The password is wrong");
  }

  /** Ends the account's sessions. @throws Refusal `password_too_weak` */
  async setPassword(account: Account, password: string): Promise<void> {
    mustBeStrong(password, account);
    await this.#store.setPassword(account.id, await this.#passwords.hash(password));
  }

  /** @throws Refusal `person_not_found` */
  async rename(id: string, name: string): Promise<Account> {
    const account = await this.#store.rename(id, name);
    if (account === null) throw notFound(id);
    return account;
  }

  /**
   * Ends the person's sessions where the change takes something away.
   * @param mustMay throws where the caller may not change that account
   * @throws Refusal `person_not_found`, `last_owner`
   */
  async changeRole(
    id: string,
    to: RoleAndApps,
    mustMay: MustMay,
  ): Promise<{ before: Account; after: Account }> {
    const result = await this.#store.changeRole(id, to, mustMay, this.#clock.now());
    if (result.outcome === "changed") return result;
    throw result.outcome === "not_found" ? notFound(id) : lastOwner();
  }

  /**
   * Ends the person's sessions. Answers who they were.
   * @param mustMay throws where the caller may not remove that account
   * @throws Refusal `person_not_found`, `last_owner`
   */
  async remove(id: string, mustMay: MustMay): Promise<Account> {
    const result = await this.#store.remove(id, mustMay, this.#clock.now());
    if (result.outcome === "removed") return result.before;
    throw result.outcome === "not_found" ? notFound(id) : lastOwner();
  }

  async #newAccount(
    { email, name, password }: NewPerson,
    { role, appIds }: RoleAndApps,
  ): Promise<NewAccount> {
    mustBeStrong(password, { email, name });
    const passwordHash = await this.#passwords.hash(password);
    return { id: newId(), email, name, role, appIds, passwordHash, createdAtMs: this.#clock.now() };
  }
}

function notFound(id: string): Refusal {
  return new Refusal("person_not_found", `There is no person ${id.slice(0, 64)}`);
}

function lastOwner(): Refusal {
  return new Refusal("last_owner", "This is the only owner: make somebody else one first");
}
