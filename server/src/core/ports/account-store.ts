/**
 * Accounts of the people who use the dashboard, and the invitations that make them.
 *
 * Every method is one transaction. Those that could leave the server without an owner, or give it two first ones, run
 * one after another, whichever node calls them.
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
  /** In lower case. Null for the setup link: who follows it names their own. */
  readonly email: string | null;
  readonly invitedBy: string;
  /** The account of who invites, itself or by a token; null: nobody's. */
  readonly ownerId: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Who somebody is at an OpenID Connect provider. */
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

/** Throws where the caller may not do this to that account; it may be called more than once. */
export type MustMay = (before: Account) => void;

export interface AccountStore {
  count(): Promise<number>;
  /** The oldest first. */
  list(): Promise<Account[]>;
  find(id: string): Promise<Account | null>;
  /** @param email in lower case */
  findByEmail(email: string): Promise<Account | null>;
  findByIdentity(identity: OidcIdentity): Promise<Account | null>;
  /** From now on the identity is that account's. */
  linkIdentity(accountId: string, identity: OidcIdentity): Promise<void>;
  passwordHash(accountId: string): Promise<string | null>;

  /** Adds the account where there is none at all. False: there is one. Of several callers at once one gets true. */
  addFirst(account: NewAccount): Promise<boolean>;
  /**
   * Uses up an invitation and adds its account: both or neither. Of several callers at once one joins. A setup link
   * is gone as soon as there is any account.
   */
  join(tokenHash: string, account: NewAccount, nowMs: number): Promise<JoinOutcome>;

  /** Null: no such account. */
  rename(accountId: string, name: string): Promise<Account | null>;
  /** Ends the account's sessions and logins that wait for a code. */
  setPassword(accountId: string, passwordHash: string): Promise<void>;
  /**
   * Ends the account's sessions where the change takes something away, and with the right to make tokens and
   * invitations those that the account made.
   */
  changeRole(accountId: string, to: RoleAndApps, mustMay: MustMay, nowMs: number): Promise<RoleOutcome>;
  /** Removes the account with its sessions, second factor, identities and invitations, and revokes its tokens. */
  remove(accountId: string, mustMay: MustMay, nowMs: number): Promise<RemovalOutcome>;

  /** Removes those that have expired, too. */
  addInvitation(invitation: StoredInvitation, tokenHash: string): Promise<void>;
  /** Those that have not expired, without setup links, the latest first. */
  openInvitations(nowMs: number): Promise<StoredInvitation[]>;
  /** Null where there is none, or it has expired. */
  findInvitation(tokenHash: string, nowMs: number): Promise<StoredInvitation | null>;
  /** Answers what was removed; of several callers at once one gets it. */
  removeInvitation(id: string): Promise<StoredInvitation | null>;
}
