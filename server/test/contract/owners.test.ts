/** Tokens and invitations end with their creator's permission, and permissions for an app end with the app. */
import { beforeEach, expect, test } from "bun:test";
import { newApp } from "../../src/core/apps/new-app.ts";
import type { RoleAndApps } from "../../src/core/role.ts";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { KyselyAccountStore } from "../../src/storage/people/kysely-account-store.ts";
import { KyselyTokenStore } from "../../src/storage/people/kysely-token-store.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

const nowMs = 1_790_000_000_000;

onEachDatabase((open) => {
  let opened: OpenDatabase;
  let db: Database;
  let accounts: KyselyAccountStore;
  let tokens: KyselyTokenStore;

  async function join(id: string, { role, appIds }: RoleAndApps): Promise<void> {
    const invitation = { id: `joins-${id}`, email: `${id}@example.com`, role, appIds, invitedBy: "a test" };
    const times = { createdAtMs: nowMs, expiresAtMs: nowMs + 1 };
    await accounts.addInvitation({ ...invitation, ownerId: null, ...times }, `joins-${id}`);
    const account = {
      id,
      email: `${id}@example.com`,
      name: id,
      role,
      appIds,
      passwordHash: "",
      createdAtMs: nowMs,
    };
    expect(await accounts.join(`joins-${id}`, account, nowMs)).toBe("joined");
  }

  async function give(ownerId: string, invited: RoleAndApps["role"]): Promise<void> {
    const id = `${ownerId}-${invited}`;
    const rest = { createdBy: "x", invitedBy: "x", createdAtMs: nowMs, expiresAtMs: nowMs + 1_000 };
    const { createdBy, invitedBy, ...times } = rest;
    const unused = { lastUsedAtMs: null, revokedAtMs: null };
    await tokens.create({ id, ownerId, name: "t", scopes: ["admin"], createdBy, ...times, ...unused }, id);
    const invitation = { id, ownerId, email: `${id}@example.com`, role: invited, appIds: null, invitedBy };
    await accounts.addInvitation({ ...invitation, ...times }, id);
  }

  const valid = async () => ({
    tokens: (await tokens.list()).filter(({ revokedAtMs }) => revokedAtMs === null).map(({ id }) => id),
    invitations: (await accounts.openInvitations(nowMs)).map(({ id }) => id).sort(),
  });

  beforeEach(async () => {
    opened = await open();
    db = opened.db;
    accounts = new KyselyAccountStore(db);
    tokens = new KyselyTokenStore(db);
    await join("boss", { role: "owner", appIds: null });
    await join("ada", { role: "admin", appIds: null });
    await join("eve", { role: "owner", appIds: null });
    await give("ada", "viewer");
    await give("eve", "owner");
  });

  test("a demoted admin loses their tokens and invitations, and others keep theirs", async () => {
    await accounts.changeRole("ada", { role: "developer", appIds: [] }, () => undefined, nowMs);
    expect(await valid()).toEqual({ tokens: ["eve-owner"], invitations: ["eve-owner"] });
  });

  test("a removed admin loses them, too", async () => {
    await accounts.remove("ada", () => undefined, nowMs);
    expect(await valid()).toEqual({ tokens: ["eve-owner"], invitations: ["eve-owner"] });
  });

  test("an owner who becomes an admin loses the invitation of an owner, and keeps the others", async () => {
    await give("eve", "viewer");
    await accounts.changeRole("eve", { role: "admin", appIds: null }, () => undefined, nowMs);
    expect(await valid()).toEqual({
      tokens: ["ada-viewer", "eve-owner", "eve-viewer"],
      invitations: ["ada-viewer", "eve-viewer"],
    });
  });

  test("a refused change revokes nothing", async () => {
    const refuse = () => {
      throw new Error("not you");
    };
    await expect(accounts.remove("ada", refuse, nowMs)).rejects.toThrow("not you");
    expect((await valid()).tokens).toHaveLength(2);
  });

  test("a permission for an app does not apply to a later app with its id", async () => {
    const keys = await unlockDataKeys(db, { value: null, dataDir: opened.dataDir }, nowMs);
    const apps = new KyselyAppStore(db, keys);
    await apps.create(newApp({ id: "1" }, "a test", nowMs));
    await join("dev", { role: "developer", appIds: ["1", "2"] });
    await apps.delete("1");
    expect((await accounts.find("dev"))?.appIds).toEqual(["2"]);
  });

  test("a role that changes while an app is deleted is the new one", async () => {
    const keys = await unlockDataKeys(db, { value: null, dataDir: opened.dataDir }, nowMs);
    const apps = new KyselyAppStore(db, keys);
    const others = new KyselyAccountStore(await opened.openAgain());
    await join("dev", { role: "developer", appIds: [] });
    const to = (appIds: string[]) =>
      others.changeRole("dev", { role: "developer", appIds }, () => undefined, nowMs);
    for (let round = 1; round <= 20; round++) {
      const id = `race-${round}`;
      await apps.create(newApp({ id }, "a test", nowMs));
      await to([id, "old"]);
      await Promise.all([apps.delete(id), to(["new"])]);
      expect((await accounts.find("dev"))?.appIds).toEqual(["new"]);
    }
  });
});
