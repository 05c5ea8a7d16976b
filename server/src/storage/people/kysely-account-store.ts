/** Accounts and invitations in a database. */
import type { Selectable } from "kysely";
import type {
  Account,
  AccountStore,
  JoinOutcome,
  NewAccount,
  OidcIdentity,
  RemovalOutcome,
  RequirePermission,
  RoleOutcome,
  StoredInvitation,
} from "../../core/ports/account-store.ts";
import { isDemotion, type Role, type RoleAndApps } from "../../core/role.ts";
import { atomically } from "../database/atomically.ts";
import type { Database, DatabaseTransaction, Schema } from "../database/schema.ts";
import { endLogins, selectAccounts, toAccount, toRoleAndApps, toRoleColumns } from "./account-rows.ts";

/** Older releases stored identities without their issuer; the next login with such an identity adds it. */
const unknownIssuer = "";

export class KyselyAccountStore implements AccountStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  count(): Promise<number> {
    return countAccounts(this.#db);
  }

  async list(): Promise<Account[]> {
    const rows = await selectAccounts(this.#db).orderBy("createdAtMs").orderBy("accounts.id").execute();
    return rows.map(toAccount);
  }

  find(id: string): Promise<Account | null> {
    return findAccount(this.#db, id);
  }

  async findByEmail(email: string): Promise<Account | null> {
    const row = await selectAccounts(this.#db).where("email", "=", email).executeTakeFirst();
    return row === undefined ? null : toAccount(row);
  }

  async findByIdentity({ issuer, subject }: OidcIdentity): Promise<Account | null> {
    const row = await selectAccounts(this.#db)
      .innerJoin("accountIdentities", "accountIdentities.accountId", "accounts.id")
      .where("subject", "=", subject)
      .where("issuer", "in", [issuer, unknownIssuer])
      .orderBy("issuer", "desc")
      .executeTakeFirst();
    return row === undefined ? null : toAccount(row);
  }

  linkIdentity(accountId: string, { issuer, subject }: OidcIdentity): Promise<void> {
    return this.#inTurn(async (transaction) => {
      const known = await transaction
        .selectFrom("accountIdentities")
        .select("accountId")
        .where("issuer", "=", issuer)
        .where("subject", "=", subject)
        .executeTakeFirst();
      if (known?.accountId === accountId) return;
      await transaction
        .deleteFrom("accountIdentities")
        .where("subject", "=", subject)
        .where("issuer", "in", [issuer, unknownIssuer])
        .execute();
      await transaction.insertInto("accountIdentities").values({ issuer, subject, accountId }).execute();
    });
  }

  async passwordHash(accountId: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom("accounts")
      .select("passwordHash")
      .where("id", "=", accountId)
      .executeTakeFirst();
    return row?.passwordHash ?? null;
  }

  addFirst(account: NewAccount): Promise<boolean> {
    return this.#inTurn(async (transaction) => {
      if ((await countAccounts(transaction)) > 0) return false;
      await insertAccount(transaction, account);
      return true;
    });
  }

  join(tokenHash: string, account: NewAccount, nowMs: number): Promise<JoinOutcome> {
    return this.#inTurn(async (transaction) => {
      const invitation = await transaction
        .selectFrom("accountInvitations")
        .selectAll()
        .where("tokenHash", "=", tokenHash)
        .where("expiresAtMs", ">", nowMs)
        .executeTakeFirst();
      if (invitation === undefined) return "invitation_gone";
      if (invitation.email === null && (await countAccounts(transaction)) > 0) return "invitation_gone";
      const { email } = account;
      const known = await transaction
        .selectFrom("accounts")
        .select("id")
        .where("email", "=", email)
        .executeTakeFirst();
      if (known !== undefined) return "account_exists";
      const { numDeletedRows } = await transaction
        .deleteFrom("accountInvitations")
        .where("id", "=", invitation.id)
        .executeTakeFirst();
      // The invitation was withdrawn in the meantime.
      if (numDeletedRows === 0n) return "invitation_gone";
      await insertAccount(transaction, account);
      return "joined";
    });
  }

  async rename(accountId: string, name: string): Promise<Account | null> {
    await this.#db.updateTable("accounts").set({ name }).where("id", "=", accountId).execute();
    return this.find(accountId);
  }

  setPassword(accountId: string, passwordHash: string): Promise<void> {
    return atomically(this.#db, async (transaction) => {
      await transaction.updateTable("accounts").set({ passwordHash }).where("id", "=", accountId).execute();
      await endLogins(transaction, accountId);
    });
  }

  changeRole(
    accountId: string,
    to: RoleAndApps,
    requirePermission: RequirePermission,
    nowMs: number,
  ): Promise<RoleOutcome> {
    return this.#inTurn(async (transaction) => {
      const before = await findAccount(transaction, accountId);
      if (before === null) return { outcome: "not_found" };
      requirePermission(before);
      if (to.role !== "owner" && (await isLastOwner(transaction, before))) return { outcome: "last_owner" };
      await transaction.updateTable("accounts").set(toRoleColumns(to)).where("id", "=", accountId).execute();
      if (isDemotion(before, to)) await endLogins(transaction, accountId);
      await endGiven(transaction, accountId, to.role, nowMs);
      return { outcome: "changed", before, after: { ...before, ...to } };
    });
  }

  remove(accountId: string, requirePermission: RequirePermission, nowMs: number): Promise<RemovalOutcome> {
    return this.#inTurn(async (transaction) => {
      const before = await findAccount(transaction, accountId);
      if (before === null) return { outcome: "not_found" };
      requirePermission(before);
      if (await isLastOwner(transaction, before)) return { outcome: "last_owner" };
      await endGiven(transaction, accountId, null, nowMs);
      // Rows that refer to the account are deleted with it.
      await transaction.deleteFrom("accounts").where("id", "=", accountId).execute();
      return { outcome: "removed", before };
    });
  }

  async addInvitation(invitation: StoredInvitation, tokenHash: string): Promise<void> {
    const row = { ...invitation, ...toRoleColumns(invitation), tokenHash };
    await this.#db
      .deleteFrom("accountInvitations")
      .where("expiresAtMs", "<=", invitation.createdAtMs)
      .execute();
    await this.#db.insertInto("accountInvitations").values(row).execute();
  }

  async openInvitations(nowMs: number): Promise<StoredInvitation[]> {
    const rows = await this.#db
      .selectFrom("accountInvitations")
      .selectAll()
      .where("expiresAtMs", ">", nowMs)
      .where("email", "is not", null)
      .orderBy("createdAtMs", "desc")
      .orderBy("id")
      .execute();
    return rows.map(toInvitation);
  }

  async findInvitation(tokenHash: string, nowMs: number): Promise<StoredInvitation | null> {
    const row = await this.#db
      .selectFrom("accountInvitations")
      .selectAll()
      .where("tokenHash", "=", tokenHash)
      .where("expiresAtMs", ">", nowMs)
      .executeTakeFirst();
    return row === undefined ? null : toInvitation(row);
  }

  removeInvitation(id: string): Promise<StoredInvitation | null> {
    return atomically(this.#db, async (transaction) => {
      const row = await transaction
        .selectFrom("accountInvitations")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      const { numDeletedRows } = await transaction
        .deleteFrom("accountInvitations")
        .where("id", "=", id)
        .executeTakeFirst();
      return row === undefined || numDeletedRows === 0n ? null : toInvitation(row);
    });
  }

  /** Serializes changes of all nodes, so that each sees the changes before it. */
  #inTurn<Result>(change: (transaction: DatabaseTransaction) => Promise<Result>): Promise<Result> {
    return atomically(this.#db, async (transaction) => {
      await lockAccounts(transaction);
      return change(transaction);
    });
  }
}

async function lockAccounts(transaction: DatabaseTransaction): Promise<void> {
  await transaction
    .updateTable("accountLock")
    .set((eb) => ({ turn: eb("turn", "+", 1) }))
    .execute();
}

/**
 * Revokes tokens and invitations that the person created but may no longer create: an admin may not create an owner's.
 * @param role null if the account is deleted
 */
async function endGiven(
  transaction: DatabaseTransaction,
  ownerId: string,
  role: Role | null,
  nowMs: number,
): Promise<void> {
  if (role === "owner") return;
  const invitations = transaction.deleteFrom("accountInvitations").where("ownerId", "=", ownerId);
  if (role === "admin") {
    await invitations.where("role", "=", "owner").execute();
    return;
  }
  await invitations.execute();
  await transaction
    .updateTable("apiTokens")
    .set({ revokedAtMs: nowMs })
    .where("ownerId", "=", ownerId)
    .where("revokedAtMs", "is", null)
    .execute();
}

async function findAccount(db: Database, id: string): Promise<Account | null> {
  const row = await selectAccounts(db).where("accounts.id", "=", id).executeTakeFirst();
  return row === undefined ? null : toAccount(row);
}

async function countAccounts(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom("accounts")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function isLastOwner(db: Database, { id, role }: Account): Promise<boolean> {
  if (role !== "owner") return false;
  const other = await db
    .selectFrom("accounts")
    .select("id")
    .where("role", "=", "owner")
    .where("id", "!=", id)
    .executeTakeFirst();
  return other === undefined;
}

async function insertAccount(transaction: DatabaseTransaction, account: NewAccount): Promise<void> {
  await transaction
    .insertInto("accounts")
    .values({ ...account, ...toRoleColumns(account) })
    .execute();
}

function toInvitation({ tokenHash: _, ...row }: Selectable<Schema["accountInvitations"]>): StoredInvitation {
  return { ...row, ...toRoleAndApps(row) };
}
