import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdminApiUnderTest } from "../../test/support/admin-api.ts";
import { PeopleApiUnderTest, password } from "../../test/support/people-api.ts";
import { openDatabase } from "../storage/database/open-database.ts";
import { migrate } from "../storage/migrations/migrate.ts";

test("nobody can log in until the database is reachable, and then everybody can without a restart", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "soketify-away-"));
  const db = await openDatabase({ url: null, dataDir });
  await migrate(db);
  const server = new PeopleApiUnderTest(db, { isOpen: false });
  const browser = server.browser();
  const owner = { email: "owner@example.com", password };

  expect(await browser.refusal("GET", "/session")).toBe("database_unreachable");
  expect(await browser.refusal("POST", "/session", owner)).toBe("database_unreachable");
  browser.cookies.set("soketify.session_token", "of an earlier start");
  expect(await browser.refusal("GET", "/me")).toBe("database_unreachable");
  const callback = await server.fetch(new Request(`${server.url}/api/auth/callback/oidc?code=1`));
  expect(callback.status).toBe(503);

  browser.cookies.clear();
  server.people.open("5e".repeat(32));
  await server.people.setUp(owner);
  await browser.logIn(owner.email);
  expect((await browser.load()).person?.role).toBe("owner");
  expect(server.bugs).toEqual([]);
  await db.destroy();
  rmSync(dataDir, { recursive: true });
});

test("an error while the database is unreachable is reported as an outage, not as a bug", async () => {
  const server = new AdminApiUnderTest();
  server.tokens.list = () => Promise.reject(new Error("ECONNREFUSED"));
  server.isDatabaseUnreachable = true;
  expect(await server.refusal("listTokens")).toMatchObject({ status: 503, code: "database_unreachable" });
  expect(server.bugs).toEqual([]);
  server.isDatabaseUnreachable = false;
  expect(await server.refusal("listTokens")).toMatchObject({ status: 500, code: "internal_error" });
  expect(server.bugs).toHaveLength(1);
});
