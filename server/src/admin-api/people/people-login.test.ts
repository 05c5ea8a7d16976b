import { expect, test } from "bun:test";
import { PeopleApiUnderTest, password, peopleApiForEachTest } from "../../../test/support/people-api.ts";
import { sessionsAnswer } from "../contracts/people.ts";

const email = "owner@example.com";
let server: PeopleApiUnderTest;

peopleApiForEachTest((started) => {
  server = started;
});

test("a first start creates a link for the owner's account, valid once", async () => {
  const link = await server.setupLink();
  const browser = server.browser();
  expect(await browser.load()).toMatchObject({ person: null, csrfToken: null, needsSetup: true });

  const token = new URL(link).hash.slice(1);
  const opened = await browser.call("POST", "/invitations/open", { token });
  expect(await opened.json()).toMatchObject({ isSetup: true, email: null, role: "owner" });
  await browser.join(link, { email: "Owner@Example.com" });
  const { person, needsSetup } = await browser.load();
  expect(person).toMatchObject({ email, role: "owner", appIds: null, hasSecondFactor: false });
  expect(needsSetup).toBe(false);

  const body = { token, name: "Somebody else", email: "else@example.com", password };
  expect(await server.browser().refusal("POST", "/invitations/accept", body)).toBe("invitation_gone");
  expect(await server.people.setUp(null)).toBeNull();
});

test("an unused setup link is invalid once there is an owner", async () => {
  const unused = await server.setupLink();
  await server.owner();
  const body = { token: new URL(unused).hash.slice(1) };
  expect(await server.browser().refusal("POST", "/invitations/open", body)).toBe("invitation_gone");
});

test("an owner from the environment needs no link, and is created once", async () => {
  expect(await server.people.setUp({ email: "Owner@example.com", password })).toBeNull();
  expect(await server.people.setUp({ email: "late@example.com", password })).toBeNull();
  const browser = server.browser();
  await browser.logIn(email);
  expect((await browser.load()).person?.role).toBe("owner");
  const late = { email: "late@example.com", password };
  expect(await server.browser().refusal("POST", "/session", late)).toBe("login_failed");
});

test("a wrong password and an unknown address get the same error, and are recorded", async () => {
  await server.owner();
  const refusals = [
    { email, password: "wrong" },
    { email: "nobody@example.com", password },
  ].map((body) => server.browser().send("POST", "/session", body));
  const [wrong, unknown] = await Promise.all(
    refusals.map(async (response) => (await response).json() as Promise<unknown>),
  );
  expect(wrong).toEqual(unknown);
  const { address } = server;
  // The order of their answers is not defined.
  expect(server.refusedLogins.toSorted((a, b) => b.target.localeCompare(a.target))).toEqual([
    { address, target: `person ${email}`, why: "login_failed" },
    { address, target: "person nobody@example.com", why: "login_failed" },
  ]);
});

test("an address has ten attempts at an account, then must wait, even with the correct password", async () => {
  await server.owner();
  const browser = server.browser();
  server.address = "198.51.100.1";
  for (let tries = 0; tries < 10; tries += 1)
    expect(await browser.refusal("POST", "/session", { email, password: "wrong" })).toBe("login_failed");
  const response = await browser.send("POST", "/session", { email, password });
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(server.refusedLogins.map(({ why }) => why)).toEqual([
    ...Array(10).fill("login_failed"),
    "too_many_attempts",
  ]);

  server.address = "198.51.100.2";
  await browser.logIn(email);
});

test("strangers from all addresses must wait at an account, and a known browser need not", async () => {
  const owner = await server.owner();
  await owner.call("DELETE", "/session");
  const guess = async (address: string) => {
    server.address = address;
    return server.browser().refusal("POST", "/session", { email, password: "wrong" });
  };
  for (let host = 1; host <= 100; host += 1) expect(await guess(`198.51.100.${host}`)).toBe("login_failed");
  expect(await guess("203.0.113.1")).toBe("too_many_attempts");
  const device = owner.cookies.get("soketify.device");
  await owner.logIn(email);
  expect(owner.cookies.get("soketify.device")).toBe(device ?? "");

  // The token belongs to one account: at another account it has no effect.
  const thief = server.browser();
  thief.cookies.set("soketify.device", server.deviceToken("thief@example.com"));
  expect(await thief.refusal("POST", "/session", { email, password })).toBe("too_many_attempts");
});

test("the password is stored as Argon2id, and the cookie is HttpOnly and SameSite", async () => {
  const owner = await server.owner();
  expect(owner.setCookies[0]).toMatch(
    /^soketify\.session_token=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  expect(await server.passwordHashes()).toEqual([expect.stringMatching(/^\$argon2id\$/)]);
});

test("with TLS the cookie is Secure and bound to the host", async () => {
  const behindTls = await PeopleApiUnderTest.start("https://soketify.test/realtime");
  const owner = await behindTls.owner();
  expect(owner.setCookies[0]).toMatch(/^__Host-soketify\.session_token=/);
  expect(owner.setCookies[0]).toContain("Path=/; HttpOnly; Secure; SameSite=Lax");
  expect((await owner.load()).person?.email).toBe(email);
  await behindTls.remove();
});

test("a session is refused for other sites, and for changes without its token", async () => {
  const owner = await server.owner();
  const change = { name: "Renamed" };
  const refused = (headers: Record<string, string | null>) =>
    owner.refusal("PATCH", "/account", change, headers);
  expect(await refused({ "x-csrf-token": null })).toBe("csrf_token_wrong");
  expect(await refused({ "x-csrf-token": "0".repeat(64) })).toBe("csrf_token_wrong");
  expect(await refused({ "sec-fetch-site": "cross-site" })).toBe("cross_site");
  expect(await refused({ "sec-fetch-site": "same-site" })).toBe("cross_site");
  expect(await refused({ "sec-fetch-site": null, origin: "http://evil.test" })).toBe("cross_site");
  expect(await refused({ "sec-fetch-site": null, origin: "null" })).toBe("cross_site");
  expect(await owner.refusal("GET", "/me", undefined, { "sec-fetch-site": "cross-site" })).toBe("cross_site");
  await owner.call("PATCH", "/account", change);
});

test("another site can neither log somebody in nor use a link", async () => {
  const link = await server.setupLink();
  const browser = server.browser();
  const elsewhere = { "sec-fetch-site": "cross-site", origin: "http://evil.test" };
  const accept = { token: new URL(link).hash.slice(1), name: "Evil", email, password };
  expect(await browser.refusal("POST", "/invitations/accept", accept, elsewhere)).toBe("cross_site");
  expect(await browser.refusal("POST", "/session", { email, password }, elsewhere)).toBe("cross_site");
});

test("logging out ends the session on the server", async () => {
  const owner = await server.owner();
  const cookies = new Map(owner.cookies);
  await owner.call("DELETE", "/session");
  expect((await owner.load()).person).toBeNull();
  for (const [name, value] of cookies) owner.cookies.set(name, value);
  expect(await owner.refusal("GET", "/me")).toBe("unauthenticated");
  expect(server.lastAudit()).toMatchObject({ actor: email, action: "session.end" });
});

test("sessions are listed, and a revoked one ends immediately", async () => {
  const here = await server.owner();
  const there = server.browser();
  await there.logIn(email);
  const list = async () => sessionsAnswer.parse(await (await here.call("GET", "/sessions")).json()).sessions;
  const listed = await list();
  expect(listed.map(({ isCurrent }) => isCurrent).sort()).toEqual([false, true]);
  expect(listed[0]).toMatchObject({ address: server.address });

  const other = listed.find(({ isCurrent }) => !isCurrent);
  await here.call("DELETE", `/sessions/${other?.id}`);
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  expect(await here.refusal("DELETE", `/sessions/${other?.id}`)).toBe("session_not_found");

  await there.logIn(email);
  await here.call("DELETE", "/sessions");
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  expect(await list()).toHaveLength(1);
});

test("a session can be revoked only by its own person", async () => {
  const owner = await server.owner();
  const viewer = await server.somebody(owner, "viewer");
  const { sessions } = sessionsAnswer.parse(await (await owner.call("GET", "/sessions")).json());
  expect(await viewer.refusal("DELETE", `/sessions/${sessions[0]?.id}`)).toBe("session_not_found");
  await owner.call("GET", "/me");
});

test("a new password ends the other sessions, and the old one no longer logs in", async () => {
  const here = await server.owner();
  const there = server.browser();
  await there.logIn(email);
  const newPassword = "a better horse today";
  const wrong = { currentPassword: "wrong", newPassword };
  expect(await here.refusal("POST", "/account/password", wrong)).toBe("wrong_password");
  await here.call("POST", "/account/password", { currentPassword: password, newPassword });
  expect((await here.load()).person?.email).toBe(email);
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  expect(await there.refusal("POST", "/session", { email, password })).toBe("login_failed");
  await there.logIn(email, newPassword);
});

test("a login creates a new session, and ends the browser's previous one", async () => {
  const browser = await server.owner();
  const former = browser.cookies.get("soketify.session_token") ?? "";
  await browser.logIn(email);
  expect(browser.cookies.get("soketify.session_token")).not.toBe(former);
  const thief = server.browser();
  thief.cookies.set("soketify.session_token", former);
  expect(await thief.refusal("GET", "/me")).toBe("unauthenticated");
});

test("a login does not adopt a session token that the browser sent", async () => {
  await server.owner();
  const browser = server.browser();
  browser.cookies.set("soketify.session_token", "chosen-by-somebody-else");
  await browser.logIn(email);
  expect(browser.cookies.get("soketify.session_token")).not.toBe("chosen-by-somebody-else");
});

test.each(["12345678", "password123", "1234567890", "owner@example.com"])(
  "%s is refused as a password of a new account and as a new password",
  async (weak) => {
    const link = await server.setupLink();
    const token = new URL(link).hash.slice(1);
    const accept = { token, name: "Owner", email, password: weak };
    const browser = server.browser();
    expect(await browser.refusal("POST", "/invitations/accept", accept)).toBe("password_too_weak");
    // The link is still valid.
    await browser.join(link, { email });
    const change = { currentPassword: password, newPassword: weak };
    expect(await browser.refusal("POST", "/account/password", change)).toBe("password_too_weak");
  },
);

test("an owner from the environment with a weak password is refused, with the reason", async () => {
  const weak = { email: "owner@example.com", password: "12345678" };
  expect(server.people.setUp(weak)).rejects.toThrow(
    "The password has 8 characters: choose one of at least 10",
  );
});
