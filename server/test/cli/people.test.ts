/** A locked-out owner recovers from a lost password or second factor, through the launcher. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { enrolAnswer } from "../../src/admin-api/contracts/people.ts";
import { sqliteFile } from "../../src/storage/database/sqlite.ts";
import { Browser, password } from "../support/people-api.ts";
import { runSoketify, runSoketifyWith } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { totp } from "../support/totp.ts";

const email = "owner@example.com";
const newPassword = "a new one, kept better";
let server: RunningServer;

beforeAll(async () => {
  server = await startServer({
    env: { SOKETIFY_ADMIN_EMAIL: email, SOKETIFY_ADMIN_PASSWORD: password },
  });
});
afterAll(() => server.remove());

async function latestAction(): Promise<unknown> {
  const { entries } = (await server.admin("GET", "/audit?limit=1")) as { entries: object[] };
  return entries[0];
}

test("a lost password is replaced while the server runs, and its sessions end", async () => {
  const browser = new Browser(server.httpUrl, fetch);
  await browser.logIn(email);
  const { code, errors } = runSoketifyWith(
    `${newPassword}\n`,
    server.dataDir,
    "people",
    "reset-password",
    "Owner@Example.com",
  );
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  expect(await latestAction()).toMatchObject({
    actor: "cli",
    action: "account.reset-password",
    target: `person ${email}`,
    before: null,
    after: null,
  });
  expect((await browser.load()).person).toBeNull();
  expect(await browser.refusal("POST", "/session", { email, password })).toBe("login_failed");
  await browser.logIn(email, newPassword);
}, 30_000);

test("a lost second factor is removed, also without a running server", async () => {
  const browser = new Browser(server.httpUrl, fetch);
  await browser.logIn(email, newPassword);
  const enrolled = await browser.call("POST", "/account/second-factor", { password: newPassword });
  const secret = new URL(enrolAnswer.parse(await enrolled.json()).totpUri).searchParams.get("secret") ?? "";
  await browser.call("POST", "/account/second-factor/confirm", { code: totp(secret) });
  const listed = runSoketify(server.dataDir, "people", "list", "--json");
  expect(JSON.parse(listed.output)).toMatchObject([{ email, role: "owner", hasSecondFactor: true }]);

  await server.stop();
  const reset = () => runSoketify(server.dataDir, "people", "reset-second-factor", email);
  expect(reset()).toMatchObject({ code: 0, errors: "" });
  expect(reset()).toMatchObject({ code: 1, errors: `${email} has no second factor\n` });
  await server.start();

  expect(await latestAction()).toMatchObject({ action: "account.reset-second-factor" });
  expect((await browser.load()).person).toBeNull();
  await browser.logIn(email, newPassword);
  expect((await browser.load()).person).toMatchObject({ email, hasSecondFactor: false });
}, 30_000);

test("an unknown address and a short password are refused, and nothing changes", async () => {
  const unknown = runSoketify(server.dataDir, "people", "reset-password", "else@example.com");
  expect(unknown).toMatchObject({ code: 1, errors: expect.stringContaining("else@example.com") });
  const short = runSoketifyWith("short\n", server.dataDir, "people", "reset-password", email);
  expect(short).toMatchObject({
    code: 1,
    errors: expect.stringContaining("The password has 5 characters: choose one of at least 10"),
  });
  const none = runSoketifyWith("", server.dataDir, "people", "reset-password", email);
  expect(none).toMatchObject({
    code: 2,
    errors: expect.stringContaining("Standard input contains no password"),
  });
  await new Browser(server.httpUrl, fetch).logIn(email, newPassword);
}, 30_000);

test("a reset that cannot be recorded in the audit log is not made", async () => {
  const database = new Database(sqliteFile(server.dataDir));
  // The server writes to the database, too.
  database.run("pragma busy_timeout = 10000");
  database.run(
    "create trigger deaf before insert on audit_rows begin select raise(abort, 'the log is full'); end",
  );
  const { code, errors } = runSoketifyWith(
    "never to be set\n",
    server.dataDir,
    "people",
    "reset-password",
    email,
  );
  database.run("drop trigger deaf");
  database.close();
  expect({ code, errors }).toEqual({ code: 1, errors: "the log is full\n" });
  await new Browser(server.httpUrl, fetch).logIn(email, newPassword);
}, 30_000);
