/** The permissions of each role, and the roles that it may assign. */
import { Refusal } from "../core/refusal.ts";
import type { Role, RoleAndApps } from "../core/role.ts";
import { appNotFound } from "../management/change-app.ts";
import type { Permission } from "./contracts/server.ts";
import { fullGrant, type Grant } from "./principal.ts";

const developerPermissions: readonly Permission[] = [
  "app.read",
  "app.operate",
  "app.change",
  "secret.reveal",
];

/** An admin has the permissions of an owner, but may not manage owners. */
export function grantsOfRole({ role, appIds }: RoleAndApps): readonly Grant[] {
  switch (role) {
    case "owner":
    case "admin":
      return [fullGrant];
    case "developer":
      return [onApps(developerPermissions, appIds ?? []), readServer];
    case "viewer":
      return [onApps(["app.read"], appIds), readServer];
    default:
      throw role satisfies never;
  }
}

/**
 * @param mine the role of the managing person
 * @param theirs the current and the new role of the managed person
 * @throws Refusal `forbidden`
 */
export function requireMayManage(mine: Role, theirs: readonly Role[]): void {
  if (mine === "owner" || !theirs.includes("owner")) return;
  throw new Refusal("forbidden", "Only an owner can create, change or remove an owner");
}

/**
 * An unknown id is refused, because it would give access to a later app with that id.
 *
 * @throws Refusal `app_not_found`
 */
export function requireApps(appIds: readonly string[] | null, isApp: (appId: string) => boolean): void {
  const unknown = appIds?.find((appId) => !isApp(appId));
  if (unknown !== undefined) throw appNotFound(unknown);
}

const readServer: Grant = { permissions: new Set(["server.read"]), appIds: null };

function onApps(permissions: readonly Permission[], appIds: readonly string[] | null): Grant {
  return { permissions: new Set(permissions), appIds: appIds === null ? null : new Set(appIds) };
}
