/**
 * Accounts of the people who use the dashboard, and the invitations that make them.
 *
 * Every method is one transaction. Methods that could remove the last owner, or create two first accounts, are
 * serialized across all nodes.
 */
import type { RoleAndApps } from "../role.ts";

export interface Account extends RoleAndApps {
  readonly id: string;
  /** In lower case. */
  readonly email: string;
  readonly name: string;
  readonly hasSecondFactor: boolean;
  readonly createdAtMs: number;
}

export interface NewAccount extends Omit<Account, "hasSecondFactor"> {
  readonly passwordHash: string;
}

export interface StoredInvitation extends RoleAndApps {
  readonly id: string;
  /** In lower case. Null for the setup link: the person who opens it enters an address. */
  readonly email: string | null;
  readonly invitedBy: string;
  /** The account that invited, directly or through its API token; null: no account, such as the command line. */
  readonly ownerId: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** The identity of a person at an OpenID Connect provider. */
export interface OidcIdentity {
  readonly issuer: string;
  readonly subject: string;
}

export type JoinOutcome = "joined" | "invitation_gone" | "account_exists";
export type RoleOutcome =
  | { readonly outcome: "changed"; readonly before: Account; readonly after: Account }
  | { readonly outcome: "not_found" | "last_owner" };
export type RemovalOutcome =
  | { readonly outcome: "removed"; readonly before: Account }
  | { readonly outcome: "not_found" | "last_owner" };

/** Throws a Refusal if the caller may not make this change to that account. It may be called more than once. */
export type RequirePermission = (before: Account) => void;

export interface AccountStore {
  count(): Promise<number>;
  /** Oldest first. */
  list(): Promise<Account[]>;
  find(id: string): Promise<Account | null>;
  /** @param email in lower case */
  findByEmail(email: string): Promise<Account | null>;
  findByIdentity(identity: OidcIdentity): Promise<Account | null>;
  /** Assigns the identity to the account. */
  linkIdentity(accountId: string, identity: OidcIdentity): Promise<void>;
  passwordHash(accountId: string): Promise<string | null>;

  /**
   * Adds the account if there are no accounts. Returns false if there is one. Only one of several concurrent callers
   * gets true.
   */
  addFirst(account: NewAccount): Promise<boolean>;
  /**
   * Consumes an invitation and adds its account: both or neither. Only one of several concurrent callers joins. A
   * setup link is invalid once there is any account.
   */
  join(tokenHash: string, account: NewAccount, nowMs: number): Promise<JoinOutcome>;

  /** Null if there is no such account. */
  rename(accountId: string, name: string): Promise<Account | null>;
  /** Also ends the account's sessions and its logins that wait for a code. */
  setPassword(accountId: string, passwordHash: string): Promise<void>;
  /**
   * Ends the account's sessions if the change removes any permission. If the account loses the permission to create
   * tokens and invitations, also revokes those that it created.
   */
  changeRole(
    accountId: string,
    to: RoleAndApps,
    requirePermission: RequirePermission,
    nowMs: number,
  ): Promise<RoleOutcome>;
  /** Removes the account with its sessions, second factor, identities and invitations, and revokes its tokens. */
  remove(accountId: string, requirePermission: RequirePermission, nowMs: number): Promise<RemovalOutcome>;

  /** Also removes expired invitations. */
  addInvitation(invitation: StoredInvitation, tokenHash: string): Promise<void>;
  /** Invitations that have not expired, without setup links, newest first. */
  openInvitations(nowMs: number): Promise<StoredInvitation[]>;
  /** Null if there is none or it has expired. */
  findInvitation(tokenHash: string, nowMs: number): Promise<StoredInvitation | null>;
  /** Returns the removed invitation to one of several concurrent callers, and null to the others. */
  removeInvitation(id: string): Promise<StoredInvitation | null>;
}
