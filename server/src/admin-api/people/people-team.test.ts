import { beforeEach, expect, test } from "bun:test";
import { z } from "zod";
import { somebody } from "../../../test/support/management.ts";
import {
  type Browser,
  PeopleApiUnderTest,
  password,
  peopleApiForEachTest,
} from "../../../test/support/people-api.ts";
import { totp } from "../../../test/support/totp.ts";
import { enrolAnswer, inviteAnswer, peopleAnswer } from "../contracts/people.ts";

let server: PeopleApiUnderTest;
let owner: Browser;

peopleApiForEachTest((started) => {
  server = started;
});

beforeEach(async () => {
  owner = await server.owner();
});

const viewer = { role: "viewer", appIds: null };

test("an invitation creates one account, with its role and address", async () => {
  const body = { email: "Dev@example.com", role: "developer", appIds: ["1"] };
  const { invitation, url } = await invite(owner, body);
  expect(invitation).toMatchObject({ email: "dev@example.com", invitedBy: "owner@example.com" });
  expect(url).toStartWith("http://localhost:6001/dashboard/invitation#");
  expect((await team()).invitations).toEqual([invitation]);

  const browser = server.browser();
  const token = new URL(url).hash.slice(1);
  const opened = await browser.call("POST", "/invitations/open", { token });
  expect(await opened.json()).toMatchObject({ isSetup: false, email: "dev@example.com", role: "developer" });
  await browser.join(url, {});
  expect((await browser.load()).person).toMatchObject({ role: "developer", appIds: ["1"] });
  expect(await server.browser().refusal("POST", "/invitations/open", { token })).toBe("invitation_gone");
  expect((await team()).invitations).toEqual([]);
});

test("an invitation is accepted once, also in concurrent requests", async () => {
  const { url } = await invite(owner, { email: "one@example.com", ...viewer });
  const body = { token: new URL(url).hash.slice(1), name: "One", password };
  const answers = await Promise.all(
    [1, 2].map(() => server.browser().send("POST", "/invitations/accept", body)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
  expect((await team()).people).toHaveLength(2);
});

test("an invitation cannot be used for another address, and a withdrawn one is invalid", async () => {
  const { invitation, url } = await invite(owner, { email: "one@example.com", ...viewer });
  const accept = { token: new URL(url).hash.slice(1), name: "One", password };
  const browser = server.browser();
  const other = { ...accept, email: "two@example.com" };
  expect(await browser.refusal("POST", "/invitations/accept", other)).toBe("invalid_request");
  await owner.call("DELETE", `/people/invitations/${invitation.id}`);
  expect(await browser.refusal("POST", "/invitations/accept", accept)).toBe("invitation_gone");
});

test("a person with an account cannot be invited again", async () => {
  const body = { email: "OWNER@example.com", ...viewer };
  expect(await owner.refusal("POST", "/people/invitations", body)).toBe("person_exists");
});

test("a developer has a list of apps, and an admin has all", async () => {
  const refused = (role: string, appIds: string[] | null) =>
    owner.refusal("POST", "/people/invitations", { email: "one@example.com", role, appIds });
  expect(await refused("developer", null)).toBe("invalid_request");
  expect(await refused("admin", ["1"])).toBe("invalid_request");
});

test("apps that do not exist are refused", async () => {
  const unknown = { role: "developer", appIds: ["1", "404"] };
  const body = { email: "one@example.com", ...unknown };
  expect(await owner.refusal("POST", "/people/invitations", body)).toBe("app_not_found");
  const { id } = (await (await server.somebody(owner, "viewer")).load()).person ?? {};
  expect(await owner.refusal("PATCH", `/people/${id}`, unknown)).toBe("app_not_found");
  expect((await team()).people).toContainEqual(expect.objectContaining({ id, ...viewer }));
});

test("a demotion immediately ends all sessions of the person", async () => {
  const admin = await server.somebody(owner, "admin");
  const { person } = await admin.load();
  await admin.call("GET", "/audit");
  await owner.call("PATCH", `/people/${person?.id}`, viewer);
  expect(server.lastAudit()).toMatchObject({
    actor: "owner@example.com",
    action: "person.change",
    before: { role: "admin", appIds: null },
    after: viewer,
  });
  expect(await admin.refusal("GET", "/audit")).toBe("unauthenticated");
  await admin.logIn(person?.email ?? "");
  expect(await admin.refusal("GET", "/audit")).toBe("forbidden");
});

test("a promotion applies to the next request, and ends no session", async () => {
  const person = await server.somebody(owner, "viewer");
  const { id } = (await person.load()).person ?? {};
  expect(await person.refusal("GET", "/audit")).toBe("forbidden");
  await owner.call("PATCH", `/people/${id}`, { role: "admin", appIds: null });
  await person.call("GET", "/audit");
});

test("a developer who loses an app is logged out; one who gets another app is not", async () => {
  const developer = await server.somebody(owner, "developer", ["1"]);
  const { id } = (await developer.load()).person ?? {};
  await owner.call("PATCH", `/people/${id}`, { role: "developer", appIds: ["1", "2"] });
  expect((await developer.load()).person?.appIds).toEqual(["1", "2"]);
  await owner.call("PATCH", `/people/${id}`, { role: "developer", appIds: ["2"] });
  expect((await developer.load()).person).toBeNull();
});

test("a login that waits for its code ends at a demotion, too", async () => {
  const admin = await server.somebody(owner, "admin");
  const { person } = await admin.load();
  const enrolled = await admin.call("POST", "/account/second-factor", { password });
  const secret = new URL(enrolAnswer.parse(await enrolled.json()).totpUri).searchParams.get("secret") ?? "";
  await admin.call("POST", "/account/second-factor/confirm", { code: totp(secret) });
  const waiting = server.browser();
  await waiting.call("POST", "/session", { email: person?.email, password });
  await owner.call("PATCH", `/people/${person?.id}`, viewer);
  const code = { kind: "totp", code: totp(secret, 1) };
  expect(await waiting.refusal("POST", "/session/second-factor", code)).toBe("login_failed");
});

test("an invitation's link begins with the configured address, for any requested host", async () => {
  const body = { email: "one@example.com", ...viewer };
  const host = { host: "evil.test", "x-forwarded-host": "evil.test", origin: null };
  const local = await (await owner.send("POST", "/people/invitations", body, host)).json();
  expect(local).toMatchObject({
    url: expect.stringMatching(/^http:\/\/localhost:6001\/dashboard\/invitation#/),
    path: expect.stringMatching(/^\/invitation#[\w-]{43}$/),
    isUrlKnown: false,
  });

  const known = await PeopleApiUnderTest.start("https://soketify.test", undefined, true);
  const knownOwner = await known.owner();
  const answer = await (await knownOwner.send("POST", "/people/invitations", body, host)).json();
  expect(answer).toMatchObject({
    url: expect.stringMatching(/^https:\/\/soketify\.test\/dashboard\/invitation#/),
    isUrlKnown: true,
  });
  await known.remove();
});

test("a removed person is logged out, and cannot log in", async () => {
  const admin = await server.somebody(owner, "admin");
  const { person } = await admin.load();
  await owner.call("DELETE", `/people/${person?.id}`);
  expect(await admin.refusal("GET", "/me")).toBe("unauthenticated");
  const body = { email: person?.email, password };
  expect(await admin.refusal("POST", "/session", body)).toBe("login_failed");
  expect(await owner.refusal("DELETE", `/people/${person?.id}`)).toBe("person_not_found");
});

test("only an owner can create, change or remove an owner", async () => {
  const admin = await server.somebody(owner, "admin");
  const ownerPath = `/people/${(await owner.load()).person?.id}`;
  const ownPath = `/people/${(await admin.load()).person?.id}`;
  const ownership = { role: "owner", appIds: null };
  expect(await admin.refusal("PATCH", ownerPath, viewer)).toBe("forbidden");
  expect(await admin.refusal("DELETE", ownerPath)).toBe("forbidden");
  expect(await admin.refusal("PATCH", ownPath, ownership)).toBe("forbidden");
  const body = { email: "one@example.com", ...ownership };
  expect(await admin.refusal("POST", "/people/invitations", body)).toBe("forbidden");

  const token = `Bearer ${await server.admin.token(["admin"])}`;
  const byToken = { authorization: token, cookie: null };
  expect(await owner.refusal("DELETE", ownerPath, undefined, byToken)).toBe("forbidden");
  await owner.call("PATCH", ownPath, ownership);
});

test("the last owner remains if two owners step down concurrently", async () => {
  const { person } = await owner.load();
  expect(await owner.refusal("PATCH", `/people/${person?.id}`, viewer)).toBe("last_owner");
  expect(await owner.refusal("DELETE", `/people/${person?.id}`)).toBe("last_owner");

  const second = await server.somebody(owner, "owner");
  const secondId = (await second.load()).person?.id;
  await Promise.all([
    owner.send("PATCH", `/people/${secondId}`, viewer),
    second.send("PATCH", `/people/${person?.id}`, viewer),
  ]);
  const people = [await owner.load(), await second.load()].map(({ person }) => person);
  expect(people.filter((one) => one?.role === "owner").length).toBeGreaterThan(0);
});

test("an API token with all permissions lists and invites people", async () => {
  const headers = { authorization: `Bearer ${await server.admin.token(["admin"])}` };
  const body = { email: "one@example.com", ...viewer };
  const answer = await server.browser().send("POST", "/people/invitations", body, headers);
  expect(inviteAnswer.parse(await answer.json()).invitation.invitedBy).toBe("token admin");
});

test("the team is listed in pages", async () => {
  await server.somebody(owner, "viewer");
  await server.somebody(owner, "viewer");
  const page = async (query: string) =>
    peopleAnswer.parse(await (await owner.call("GET", `/people?limit=2${query}`)).json());
  const first = await page("");
  const second = await page(`&cursor=${first.nextCursor}`);
  expect([first.people.length, second.people.length, second.total]).toEqual([2, 1, 3]);
  expect(second.nextCursor).toBeNull();
  expect(new Set([...first.people, ...second.people].map(({ id }) => id)).size).toBe(3);
});

test("a live stream ends when its session is revoked", async () => {
  const { addApp, clock } = server.admin.management;
  await addApp(somebody, { id: "1" });
  const response = await owner.call("GET", "/apps/1/live");
  const text = response.text();
  await owner.call("DELETE", "/session");
  clock.advance(10_000);
  expect(await text).toContain(JSON.stringify({ reason: "unauthorized" }));
});

async function invite(browser: Browser, body: unknown) {
  const answer = await browser.call("POST", "/people/invitations", body);
  expect(answer.status).toBe(201);
  return z.strictObject(inviteAnswer.shape).parse(await answer.json());
}

async function team() {
  return peopleAnswer.parse(await (await owner.call("GET", "/people")).json());
}

test("a change that cannot be recorded in the audit log is not made", async () => {
  const { audit } = server.admin.management;
  const body = { email: "late@example.com", role: "viewer", appIds: null };
  audit.problem = new Error("The log is full");
  expect((await owner.send("POST", "/people/invitations", body)).status).toBe(500);
  audit.problem = null;
  expect(server.bugs.splice(0)).toHaveLength(1);
  const { invitations } = peopleAnswer.parse(await (await owner.call("GET", "/people")).json());
  expect(invitations.map(({ email }) => email)).not.toContain("late@example.com");
});
