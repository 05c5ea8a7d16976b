/** The people with an account. After the first owner was added, there is always at least one owner. */
import type { Account, AccountStore, NewAccount, RequirePermission } from "../core/ports/account-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import type { RoleAndApps } from "../core/role.ts";
import { gone, type Invitations } from "./invitations.ts";
import { requireStrong } from "./password-strength.ts";
import type { Passwords } from "./passwords.ts";
import { hashOfToken, newId } from "./tokens.ts";

export interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/** A person who is about to join through a link. */
export interface NewMember {
  readonly account: NewAccount;
  readonly tokenHash: string;
  readonly invitedBy: string;
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

  /** Oldest account first. */
  list(): Promise<Account[]> {
    return this.#store.list();
  }

  /** @param email in lower case */
  findByEmail(email: string): Promise<Account | null> {
    return this.#store.findByEmail(email);
  }

  /**
   * Creates the account for `addFirst`. It hashes the password, so call it before the transaction.
   * @throws Refusal `password_too_weak`
   */
  newOwner(person: NewPerson): Promise<NewAccount> {
    return this.#newAccount(person, { role: "owner", appIds: null });
  }

  /** Adds the first owner. Returns false if there is an account. */
  addFirst(owner: NewAccount): Promise<boolean> {
    return this.#store.addFirst(owner);
  }

  /**
   * Creates the account for `join`. It hashes the password, so call it before the transaction.
   * @throws Refusal `invitation_gone`, `password_too_weak`, `invalid_request`
   */
  async newMember(
    invitations: Invitations,
    token: string,
    person: Omit<NewPerson, "email"> & { readonly email: string | undefined },
  ): Promise<NewMember> {
    const invitation = await invitations.open(token);
    if (invitation.email !== null && person.email !== undefined)
      throw new Refusal("invalid_request", "email: leave it out, because the invitation contains it");
    const email = invitation.email ?? person.email;
    if (email === undefined)
      throw new Refusal("invalid_request", "email: the owner's e-mail address is missing");
    const account = await this.#newAccount({ ...person, email }, invitation);
    return { account, tokenHash: hashOfToken(token), invitedBy: invitation.invitedBy };
  }

  /** Adds the account and consumes the link. @throws Refusal `invitation_gone`, `person_exists` */
  async join({ account, tokenHash }: NewMember): Promise<void> {
    const outcome = await this.#store.join(tokenHash, account, this.#clock.now());
    if (outcome === "invitation_gone") throw gone();
    if (outcome === "account_exists")
      throw new Refusal("person_exists", `${account.email} already has an account`);
  }

  /** @throws Refusal `wrong_password` */
  async requirePassword({ id }: Account, password: string): Promise<void> {
    if (await this.#passwords.verify(password, await this.#store.passwordHash(id), true)) return;
    throw new Refusal("wrong_password", "The password is wrong");
  }

  /**
   * Hashes a password for `setPassword`. It takes long, so call it before the transaction.
   * @throws Refusal `password_too_weak`
   */
  async hashPassword(password: string, owner: Pick<Account, "email" | "name">): Promise<string> {
    requireStrong(password, owner);
    return this.#passwords.hash(password);
  }

  /** Ends the account's sessions. */
  setPassword({ id }: Account, passwordHash: string): Promise<void> {
    return this.#store.setPassword(id, passwordHash);
  }

  /** @throws Refusal `person_not_found` */
  async rename(id: string, name: string): Promise<Account> {
    const account = await this.#store.rename(id, name);
    if (account === null) throw notFound(id);
    return account;
  }

  /**
   * Changes the role. Ends the person's sessions if the change removes any permission.
   * @param requirePermission throws if the caller may not change that account
   * @throws Refusal `person_not_found`, `last_owner`
   */
  async changeRole(
    id: string,
    to: RoleAndApps,
    requirePermission: RequirePermission,
  ): Promise<{ before: Account; after: Account }> {
    const result = await this.#store.changeRole(id, to, requirePermission, this.#clock.now());
    if (result.outcome === "changed") return result;
    throw result.outcome === "not_found" ? notFound(id) : lastOwner();
  }

  /**
   * Removes the account and ends its sessions. Returns the removed account.
   * @param requirePermission throws if the caller may not remove that account
   * @throws Refusal `person_not_found`, `last_owner`
   */
  async remove(id: string, requirePermission: RequirePermission): Promise<Account> {
    const result = await this.#store.remove(id, requirePermission, this.#clock.now());
    if (result.outcome === "removed") return result.before;
    throw result.outcome === "not_found" ? notFound(id) : lastOwner();
  }

  async #newAccount(
    { email, name, password }: NewPerson,
    { role, appIds }: RoleAndApps,
  ): Promise<NewAccount> {
    const passwordHash = await this.hashPassword(password, { email, name });
    return { id: newId(), email, name, role, appIds, passwordHash, createdAtMs: this.#clock.now() };
  }
}

function notFound(id: string): Refusal {
  return new Refusal("person_not_found", `There is no person ${id.slice(0, 64)}`);
}

function lastOwner(): Refusal {
  return new Refusal("last_owner", "This is the only owner: make another person an owner first");
}
