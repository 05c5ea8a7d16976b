import { afterEach, beforeEach, expect, test } from "bun:test";
import { type Browser, PeopleApiUnderTest, password } from "../../test/support/people-api.ts";
import { totp } from "../../test/support/totp.ts";
import { enrolAnswer, sessionsAnswer } from "./people-contract.ts";

const email = "owner@example.com";
let server: PeopleApiUnderTest;

beforeEach(async () => {
  server = await PeopleApiUnderTest.start();
});

afterEach(async () => {
  expect(server.bugs).toEqual([]);
  await server.remove();
});

test("a first start gives a link that makes the owner's account, once", async () => {
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

test("a setup link that was not used is worth nothing once there is an owner", async () => {
  const unused = await server.setupLink();
  await server.owner();
  const body = { token: new URL(unused).hash.slice(1) };
  expect(await server.browser().refusal("POST", "/invitations/open", body)).toBe("invitation_gone");
});

test("an owner from the environment needs no link, and is made once", async () => {
  expect(await server.people.setUp({ email: "Owner@example.com", password })).toBeNull();
  expect(await server.people.setUp({ email: "late@example.com", password })).toBeNull();
  const browser = server.browser();
  await browser.signIn(email);
  expect((await browser.load()).person?.role).toBe("owner");
  const late = { email: "late@example.com", password };
  expect(await server.browser().refusal("POST", "/session", late)).toBe("sign_in_failed");
});

test("a wrong password and an unknown address are refused alike, and noted", async () => {
  await server.owner();
  const refusals = [
    { email, password: "wrong" },
    { email: "nobody@example.com", password },
  ].map((body) => server.browser().send("POST", "/session", body));
  const [wrong, unknown] = await Promise.all(
    refusals.map(async (response) => (await response).json() as Promise<unknown>),
  );
  expect(wrong).toEqual(unknown);
  expect(server.lastAudit()).toMatchObject({
    actor: "anonymous",
    action: "session.refuse",
    address: server.address,
    after: { why: "sign_in_failed" },
  });
});

test("an account is guessed at ten times, then told to wait, even with the right password", async () => {
  await server.owner();
  const browser = server.browser();
  for (let tries = 0; tries < 10; tries += 1) {
    server.address = `198.51.100.${tries}`;
    expect(await browser.refusal("POST", "/session", { email, password: "wrong" })).toBe("sign_in_failed");
  }
  const response = await browser.send("POST", "/session", { email, password });
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("the password is kept as Argon2id, and the cookie is HttpOnly and SameSite", async () => {
  const owner = await server.owner();
  expect(owner.setCookies[0]).toMatch(/^soketify\.session_token=.*; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(await server.passwordHashes()).toEqual([expect.stringMatching(/^\$argon2id\$/)]);
});

test("under TLS the cookie is Secure and bound to the host", async () => {
  const behindTls = await PeopleApiUnderTest.start("https://soketify.test/realtime");
  const owner = await behindTls.owner();
  expect(owner.setCookies[0]).toMatch(/^__Host-soketify\.session_token=/);
  expect(owner.setCookies[0]).toContain("Path=/; HttpOnly; Secure");
  expect((await owner.load()).person?.email).toBe(email);
  await behindTls.remove();
});

test("a session is not for other sites, and changes nothing without its token", async () => {
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

test("another site can neither sign somebody in nor use a link", async () => {
  const link = await server.setupLink();
  const browser = server.browser();
  const elsewhere = { "sec-fetch-site": "cross-site", origin: "http://evil.test" };
  const accept = { token: new URL(link).hash.slice(1), name: "Evil", email, password };
  expect(await browser.refusal("POST", "/invitations/accept", accept, elsewhere)).toBe("cross_site");
  expect(await browser.refusal("POST", "/session", { email, password }, elsewhere)).toBe("cross_site");
});

test("signing out ends the session on the server", async () => {
  const owner = await server.owner();
  const cookies = new Map(owner.cookies);
  await owner.call("DELETE", "/session");
  expect((await owner.load()).person).toBeNull();
  for (const [name, value] of cookies) owner.cookies.set(name, value);
  expect(await owner.refusal("GET", "/me")).toBe("unauthenticated");
  expect(server.lastAudit()).toMatchObject({ actor: email, action: "session.end" });
});

test("sessions are listed, and one that is revoked is over at once", async () => {
  const here = await server.owner();
  const there = server.browser();
  await there.signIn(email);
  const list = async () => sessionsAnswer.parse(await (await here.call("GET", "/sessions")).json()).sessions;
  const listed = await list();
  expect(listed.map(({ isCurrent }) => isCurrent).sort()).toEqual([false, true]);
  expect(listed[0]).toMatchObject({ address: server.address });

  const other = listed.find(({ isCurrent }) => !isCurrent);
  await here.call("DELETE", `/sessions/${other?.id}`);
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  expect(await here.refusal("DELETE", `/sessions/${other?.id}`)).toBe("session_not_found");

  await there.signIn(email);
  await here.call("DELETE", "/sessions");
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  expect(await list()).toHaveLength(1);
});

test("nobody revokes the session of somebody else", async () => {
  const owner = await server.owner();
  const viewer = await server.somebody(owner, "viewer");
  const { sessions } = sessionsAnswer.parse(await (await owner.call("GET", "/sessions")).json());
  expect(await viewer.refusal("DELETE", `/sessions/${sessions[0]?.id}`)).toBe("session_not_found");
  await owner.call("GET", "/me");
});

test("a new password ends the other sessions and is the only one that signs in", async () => {
  const here = await server.owner();
  const there = server.browser();
  await there.signIn(email);
  const newPassword = "a better horse";
  const wrong = { currentPassword: "wrong", newPassword };
  expect(await here.refusal("POST", "/account/password", wrong)).toBe("wrong_password");
  await here.call("POST", "/account/password", { currentPassword: password, newPassword });
  expect((await here.load()).person?.email).toBe(email);
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  expect(await there.refusal("POST", "/session", { email, password })).toBe("sign_in_failed");
  await there.signIn(email, newPassword);
});

test("with a second factor the password alone signs nobody in", async () => {
  const { browser: owner, secret } = await ownerWithSecondFactor();
  expect((await owner.load()).person?.hasSecondFactor).toBe(true);

  const browser = server.browser();
  const answer = await browser.call("POST", "/session", { email, password });
  expect(await answer.json()).toEqual({ needsSecondFactor: true });
  expect((await browser.load()).person).toBeNull();
  const wrong = { kind: "totp", code: totp(secret) === "000000" ? "000001" : "000000" };
  expect(await browser.refusal("POST", "/session/second-factor", wrong)).toBe("wrong_code");
  await browser.call("POST", "/session/second-factor", { kind: "totp", code: totp(secret, 1) });
  expect((await browser.load()).person?.email).toBe(email);
});

test("a code of the authenticator is good for one use, and no older one is good after it", async () => {
  const { secret } = await ownerWithSecondFactor();
  const enrolledWith = totp(secret);
  const next = totp(secret, 1);
  const signInWith = async (code: string) => {
    const browser = server.browser();
    await browser.call("POST", "/session", { email, password });
    return browser.send("POST", "/session/second-factor", { kind: "totp", code });
  };
  const together = await Promise.all([signInWith(next), signInWith(next)]);
  expect(together.map(({ status }) => status).sort()).toEqual([204, 403]);
  for (const code of [next, enrolledWith]) {
    const refused = await signInWith(code);
    expect(await refused.json()).toMatchObject({ code: "code_used" });
    expect(refused.headers.getSetCookie()).toEqual([]);
  }
  const owner = server.browser();
  await owner.call("POST", "/session", { email, password });
  expect((await owner.load()).person).toBeNull();
});

test("a backup code signs in once", async () => {
  const { backupCodes } = await ownerWithSecondFactor();
  const body = { kind: "backupCode", code: backupCodes[0] };
  const browser = server.browser();
  await browser.call("POST", "/session", { email, password });
  await browser.call("POST", "/session/second-factor", body);
  const other = server.browser();
  await other.call("POST", "/session", { email, password });
  expect(await other.refusal("POST", "/session/second-factor", body)).toBe("wrong_code");
});

test("codes are guessed at five times, then the sign-in begins again", async () => {
  const { secret } = await ownerWithSecondFactor();
  const browser = server.browser();
  await browser.call("POST", "/session", { email, password });
  const code = totp(secret) === "000000" ? "000001" : "000000";
  for (let tries = 0; tries < 5; tries += 1)
    expect(await browser.refusal("POST", "/session/second-factor", { kind: "totp", code })).toBe(
      "wrong_code",
    );
  const right = { kind: "totp", code: totp(secret) };
  expect(await browser.refusal("POST", "/session/second-factor", right)).toBe("sign_in_failed");
});

test("the second factor is removed by the password, and by that alone", async () => {
  const { browser } = await ownerWithSecondFactor();
  const wrong = { password: "wrong" };
  expect(await browser.refusal("POST", "/account/second-factor/remove", wrong)).toBe("wrong_password");
  await browser.call("POST", "/account/second-factor/remove", { password });
  await server.browser().signIn(email);
});

async function ownerWithSecondFactor() {
  const browser: Browser = await server.owner();
  const enrolled = await browser.call("POST", "/account/second-factor", { password });
  const { totpUri, backupCodes } = enrolAnswer.parse(await enrolled.json());
  const secret = new URL(totpUri).searchParams.get("secret") ?? "";
  await browser.call("POST", "/account/second-factor/confirm", { code: totp(secret) });
  await browser.load();
  return { browser, secret, backupCodes };
}
