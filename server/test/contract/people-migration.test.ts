/** People's data of an older release stays valid. */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import { databaseType } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { up as people } from "../../src/storage/migrations/006-people.ts";
import { up as usedCodes } from "../../src/storage/migrations/007-used-codes.ts";
import { up as accounts } from "../../src/storage/migrations/011-accounts.ts";
import { OidcIssuer } from "../support/oidc-issuer.ts";
import { PeopleApiUnderTest } from "../support/people-api.ts";
import { totp } from "../support/totp.ts";
import { onEachDatabase } from "./databases.ts";

type AnyTables = Kysely<Record<string, Record<string, unknown>>>;

/** Shorter than the minimum of a new password. */
const password = "12345678";
/** Sealed by an older release with the tests' secret: 32 letters and digits, and a list of two codes. */
const authenticator = {
  secret:
    "1ff076dfc99bcc7e1ce7c7896b7e816403750c0bfe859e17c93f6096d7cb4e917c7c47e79525c329ddca841094196b6c7d6c26d1d7263da5402b09e0d08c88a59c1b6704f42878f5",
  inBase32: base32("abcdefghijABCDEFGHIJ0123456789xy"),
  backupCodes:
    "d2728ba247fbfd867ff49c25fd391fec4aefc230ec752e3997ec17bd699e42c862b848322c3d98ee338c52805599d974d5fc9cb8ea7ddd8b4835606c89588289665fb28ee2",
};

onEachDatabase((open) => {
  test("accounts, passwords, authenticators, sessions and invitations of an older release stay valid", async () => {
    const { db } = await open();
    const tables = await tablesOfOlderRelease(db);
    await fill(tables, databaseType(db) === "sqlite");
    await accounts(db.withoutPlugins() as unknown as Kysely<unknown>);
    const issuer = new OidcIssuer();
    const server = new PeopleApiUnderTest(db, { issuer, url: "http://soketify.test" });

    const returning = server.browser();
    returning.cookies.set("soketify.session_token", encodeURIComponent("k7Qz0older.c2lnbmF0dXJl+/="));
    expect((await returning.load()).person).toMatchObject({ email: "ada@example.com", role: "owner" });
    await returning.call("PATCH", "/account", { name: "Ada" });

    const dev = server.browser();
    await dev.call("POST", "/session", { email: "dev@example.com", password });
    expect((await dev.load()).needsSecondFactor).toBe(true);
    const spent = { kind: "totp", code: totp(authenticator.inBase32, -1) };
    expect(await dev.refusal("POST", "/session/second-factor", spent)).toBe("code_used");
    const next = { kind: "totp", code: totp(authenticator.inBase32, 1) };
    await dev.call("POST", "/session/second-factor", next);
    expect((await dev.load()).person).toMatchObject({
      role: "developer",
      appIds: ["1", "2"],
      hasSecondFactor: true,
      createdAt: "2026-01-02T03:04:05.678Z",
    });
    const again = server.browser();
    await again.call("POST", "/session", { email: "dev@example.com", password });
    await again.call("POST", "/session/second-factor", { kind: "backupCode", code: "abcde-FGHIJ" });

    const elsewhere = server.browser();
    const begun = (await (await elsewhere.call("POST", "/session/oidc")).json()) as { url: string };
    await elsewhere.visit(
      issuer.consent(begun.url, { sub: "7", email: "new@example.com", email_verified: true }),
    );
    expect((await elsewhere.load()).person?.email).toBe("ada@example.com");

    const joining = server.browser();
    await joining.join("http://soketify.test/dashboard/invitation#older-token", {});
    expect((await joining.load()).person).toMatchObject({ email: "late@example.com", role: "viewer" });
    expect(server.bugs).toEqual([]);
    issuer.stop();
  });

  test("an interrupted removal of the older tables is finished at the next start", async () => {
    const { db } = await open();
    const tables = await tablesOfOlderRelease(db);
    await fill(tables, databaseType(db) === "sqlite");
    const step = () => accounts(db.withoutPlugins() as unknown as Kysely<unknown>);
    await step();
    // Other databases keep nothing of an interrupted step.
    if (databaseType(db) === "mysql") await step();
    const browser = new PeopleApiUnderTest(db).browser();
    await browser.logIn("ada@example.com", password);
  });
});

/** The tables before step 011. */
async function tablesOfOlderRelease(db: Database): Promise<AnyTables> {
  const tables = db.withoutPlugins() as unknown as AnyTables;
  for (const table of [
    "pending_logins",
    "login_sessions",
    "account_invitations",
    "account_second_factors",
    "account_identities",
    "account_lock",
    "accounts",
    "server_secrets",
  ])
    await tables.schema.dropTable(table).execute();
  await people(tables as Kysely<unknown>);
  await usedCodes(tables as Kysely<unknown>);
  return tables;
}

/** An owner with a session and an OIDC identity, a developer with an authenticator, and an invitation. */
async function fill(tables: AnyTables, isSqlite: boolean): Promise<void> {
  const date = (text: string) => (isSqlite ? text : new Date(text));
  const flag = (value: boolean) => (isSqlite ? Number(value) : value);
  const created_at = date("2026-01-02T03:04:05.678Z");
  const times = { created_at, updated_at: created_at };
  const expires_at = date(new Date(Date.now() + 86_400_000).toISOString());
  const person = { email_verified: flag(true), image: null, ...times };
  const hash = await Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 64, timeCost: 1 });
  const insert = (table: string, ...rows: object[]) =>
    tables
      .insertInto(table)
      .values(rows as Record<string, unknown>[])
      .execute();

  await insert(
    "people",
    {
      id: "ada",
      name: "Ada Lovelace",
      email: "ada@example.com",
      role: "owner",
      app_ids: null,
      two_factor_enabled: flag(false),
      ...person,
    },
    {
      id: "dev",
      name: "Dev",
      email: "dev@example.com",
      role: "developer",
      app_ids: '["1","2"]',
      two_factor_enabled: flag(true),
      ...person,
    },
  );
  await insert(
    "person_accounts",
    { id: "a1", user_id: "ada", provider_id: "credential", account_id: "ada", password: hash, ...times },
    { id: "a2", user_id: "dev", provider_id: "credential", account_id: "dev", password: hash, ...times },
    { id: "a3", user_id: "ada", provider_id: "oidc", account_id: "7", password: null, ...times },
  );
  await insert("second_factors", {
    id: "f1",
    user_id: "dev",
    secret: authenticator.secret,
    backup_codes: authenticator.backupCodes,
    verified: flag(true),
    failed_verification_count: 2,
    locked_until: null,
    last_used_step: Math.floor(Date.now() / 30_000),
  });
  await insert("sessions", {
    id: "s1",
    user_id: "ada",
    token: "k7Qz0older",
    ip_address: "192.0.2.7",
    user_agent: "a browser",
    expires_at,
    ...times,
  });
  await insert("invitations", {
    id: "i1",
    token_hash: createHash("sha256").update("older-token").digest("hex"),
    created_at,
    email: "late@example.com",
    role: "viewer",
    app_ids: null,
    invited_by: "ada@example.com",
    expires_at,
  });
}

/** Converts a secret to the format of authenticator apps. */
function base32(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet[Number.parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}
