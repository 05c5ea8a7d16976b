/** Converts accounts between database rows and the server's types. */
import type { Account } from "../../core/ports/account-store.ts";
import type { Role, RoleAndApps } from "../../core/role.ts";
import type { Database } from "../database/schema.ts";

export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly appIds: string | null;
  readonly createdAtMs: number;
  readonly isConfirmed: number | null;
}

export function selectAccounts(db: Database) {
  return db
    .selectFrom("accounts")
    .leftJoin("accountSecondFactors", "accountSecondFactors.accountId", "accounts.id")
    .select(["accounts.id", "email", "name", "role", "appIds", "createdAtMs", "isConfirmed"]);
}

export function toAccount({ isConfirmed, ...row }: AccountRow): Account {
  return { ...row, ...toRoleAndApps(row), hasSecondFactor: isConfirmed === 1 };
}

export function toRoleAndApps({ role, appIds }: Pick<AccountRow, "role" | "appIds">): RoleAndApps {
  return { role: role as Role, appIds: appIds === null ? null : (JSON.parse(appIds) as string[]) };
}

export function toRoleColumns({ role, appIds }: RoleAndApps): Pick<AccountRow, "role" | "appIds"> {
  return { role, appIds: appIds === null ? null : JSON.stringify(appIds) };
}

/** Logs the account out everywhere: deletes its sessions and its logins that are waiting for a code. */
export async function endLogins(db: Database, accountId: string): Promise<void> {
  await db.deleteFrom("loginSessions").where("accountId", "=", accountId).execute();
  await db.deleteFrom("pendingLogins").where("accountId", "=", accountId).execute();
}
