/** The caller and their permissions. All permission checks are made here. */
import type { Actor } from "../core/actor.ts";
import { Refusal } from "../core/refusal.ts";
import { type Permission, permission } from "./contracts/server.ts";

export interface Grant {
  readonly permissions: ReadonlySet<Permission>;
  /** The apps that the grant covers; null: all apps and the server itself. */
  readonly appIds: ReadonlySet<string> | null;
}

export const fullGrant: Grant = { permissions: new Set(permission.options), appIds: null };

/** Permits reading, except secrets. */
export const readGrant: Grant = {
  permissions: new Set(["app.read", "server.read", "audit.read"]),
  appIds: null,
};

/** All permissions on some apps, except deleting them and revealing existing secrets. */
export function appGrant(appIds: Iterable<string>): Grant {
  return { permissions: new Set(["app.read", "app.operate", "app.change"]), appIds: new Set(appIds) };
}

/** The caller's identity in the audit log. */
export type Identity = Pick<Actor, "kind" | "id" | "name">;

export class Principal {
  readonly identity: Identity;
  readonly grants: readonly Grant[];
  /** The responsible account: the person's own, or that of the token's creator. Null: none. */
  readonly ownerId: string | null;

  constructor(
    identity: Identity,
    grants: readonly Grant[],
    ownerId = identity.kind === "person" ? identity.id : null,
  ) {
    this.identity = identity;
    this.grants = grants;
    this.ownerId = ownerId;
  }

  /** A unique key, because names are not unique. */
  get key(): string {
    const { kind, id, name } = this.identity;
    return `${kind} ${id ?? name}`;
  }

  /** @param appId null: a permission on the server itself */
  can(permission: Permission, appId: string | null): boolean {
    return this.grants.some(
      ({ permissions, appIds }) =>
        permissions.has(permission) && (appIds === null || (appId !== null && appIds.has(appId))),
    );
  }

  /** @throws Refusal `forbidden`, with the same message whether the app exists or not */
  requirePermission(permission: Permission, appId: string | null): void {
    if (this.can(permission, appId)) return;
    const where = appId === null ? "" : " on this app";
    throw new Refusal("forbidden", `${this.identity.name} lacks the permission ${permission}${where}`);
  }
}
