/** What the rest of the server sees of a person with an account. */

export type Role = "owner" | "admin" | "developer" | "viewer";

export interface RoleAndApps {
  readonly role: Role;
  /** Null: all apps. */
  readonly appIds: readonly string[] | null;
}

export interface Person {
  id: string;
  email: string;
  name: string;
  role: Role;
  /** Null: all apps. */
  appIds: string[] | null;
  hasSecondFactor: boolean;
  /** ISO 8601 */
  createdAt: string;
}

/** One browser in which a person is logged in. */
export interface Session {
  id: string;
  isCurrent: boolean;
  address: string | null;
  userAgent: string | null;
  /** These times are ISO 8601. */
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
}
