/** Roles of the people who use the dashboard. */

export type Role = "owner" | "admin" | "developer" | "viewer";

export interface RoleAndApps {
  readonly role: Role;
  /** Null: all apps. */
  readonly appIds: readonly string[] | null;
}

const ranks: Readonly<Record<Role, number>> = { viewer: 0, developer: 1, admin: 2, owner: 3 };

/** Whether the change removes any permission: a lower role, or an app that is no longer included. */
export function isDemotion(before: RoleAndApps, after: RoleAndApps): boolean {
  if (ranks[after.role] < ranks[before.role]) return true;
  if (after.appIds === null) return false;
  const kept = new Set(after.appIds);
  return before.appIds === null || before.appIds.some((appId) => !kept.has(appId));
}
