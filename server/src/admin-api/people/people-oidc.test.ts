import { afterEach, beforeEach, expect, setSystemTime, test } from "bun:test";
import { OidcIssuer } from "../../../test/support/oidc-issuer.ts";
import { type Browser, PeopleApiUnderTest, password } from "../../../test/support/people-api.ts";
import { totp } from "../../../test/support/totp.ts";
import { enrolAnswer, oidcAnswer } from "../contracts/people.ts";

const email = "owner@example.com";
let issuer: OidcIssuer;
let server: PeopleApiUnderTest;
let browser: Browser;

beforeEach(async () => {
  issuer = new OidcIssuer();
  server = await PeopleApiUnderTest.start("https://soketify.test/realtime", issuer);
  await server.owner(email);
  browser = server.browser();
});

afterEach(async () => {
  issuer.stop();
  await server.remove();
});

async function logInElsewhere(claims: Parameters<OidcIssuer["consent"]>[1]): Promise<string> {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const back = issuer.consent(url, claims);
  expect(back.href).toStartWith("https://soketify.test/realtime/api/auth/callback/oidc?");
  const response = await browser.visit(back);
  expect(response.status).toBe(302);
  return response.headers.get("location") ?? "";
}

test("the page receives the name of the OIDC login", async () => {
  expect((await browser.load()).oidcName).toBe("Staff login");
});

test("a person with an account logs in with a verified address, repeatedly", async () => {
  for (const _ of [1, 2]) {
    const location = await logInElsewhere({ sub: "7", email, email_verified: true });
    expect(location).toBe("https://soketify.test/realtime/dashboard");
    expect((await browser.load()).person).toMatchObject({ email, role: "owner" });
    expect(server.lastAudit()).toMatchObject({ actor: email, action: "session.begin" });
    await browser.call("DELETE", "/session");
  }
});

test.each([
  ["has no account", { sub: "8", email: "stranger@example.com", email_verified: true }, "no_account"],
  [
    "has an address that the issuer did not verify",
    { sub: "9", email, email_verified: false },
    "email_not_verified",
  ],
])("a person who %s cannot log in", async (_, claims, reason) => {
  expect(await logInElsewhere(claims)).toMatch(/^https:\/\/soketify\.test\/realtime\/dashboard\?error=/);
  expect((await browser.load()).person).toBeNull();
  expect(server.refusedLogins).toEqual([{ address: server.address, target: "OpenID Connect", why: reason }]);
  expect([server.refusedOidcLogins, server.bugs]).toEqual([[reason], []]);
});

test("a login that was denied at the provider fails, and is not reported as a bug", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const sentBack = await fetch(url, { redirect: "manual" });
  const response = await browser.visit(new URL(sentBack.headers.get("location") ?? ""));
  expect(response.headers.get("location")).toContain("?error=refused");
  expect(server.refusedLogins).toHaveLength(1);
  expect(server.bugs).toEqual([]);
});

test("a login that returns from the provider too late fails, and is not reported as a bug", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const back = issuer.consent(url, { sub: "7", email, email_verified: true });
  setSystemTime(Date.now() + 3_600_000);
  const response = await browser.visit(back);
  setSystemTime();
  expect(response.headers.get("location")).toContain("?error=expired");
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["expired"], []]);
});

test("a callback that this browser did not start is refused", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const other = server.browser();
  const response = await other.visit(issuer.consent(url, { sub: "7", email, email_verified: true }));
  expect(response.headers.get("location")).toMatch(
    /^https:\/\/soketify\.test\/realtime\/dashboard\?error=expired$/,
  );
  expect((await other.load()).person).toBeNull();
  expect(server.refusedOidcLogins).toHaveLength(1);
  expect(server.bugs).toEqual([]);
});

test("a callback that nobody started is refused, and is not reported as a bug", async () => {
  const response = await browser.visit(
    new URL("https://soketify.test/realtime/api/auth/callback/oidc?code=1"),
  );
  expect(response.headers.get("location")).toContain("?error=expired");
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["expired"], []]);
});

test("a person with a second factor must enter its code after the provider, too", async () => {
  const owner = server.browser();
  await owner.logIn(email);
  const enrolled = await owner.call("POST", "/account/second-factor", { password });
  const { totpUri } = enrolAnswer.parse(await enrolled.json());
  const secret = new URL(totpUri).searchParams.get("secret") ?? "";
  await owner.call("POST", "/account/second-factor/confirm", { code: totp(secret) });

  expect(await logInElsewhere({ sub: "7", email, email_verified: true })).toEndWith("/dashboard");
  expect(await browser.load()).toMatchObject({ person: null, needsSecondFactor: true });
  expect(await browser.refusal("GET", "/me")).toBe("unauthenticated");
  await browser.call("POST", "/session/second-factor", { kind: "totp", code: totp(secret, 1) });
  expect((await browser.load()).person).toMatchObject({ email, hasSecondFactor: true });
  expect(server.lastAudit()).toMatchObject({ after: { method: "oidc", secondFactor: "totp" } });
});

test("an identity stays with its account when the address at the provider changes", async () => {
  await logInElsewhere({ sub: "7", email, email_verified: true });
  await browser.load();
  await browser.call("DELETE", "/session");
  await logInElsewhere({ sub: "7", email: "married@example.com", email_verified: true });
  expect((await browser.load()).person?.email).toBe(email);
});

test("an ID token with a wrong signature is refused", async () => {
  issuer.isForged = true;
  const location = await logInElsewhere({ sub: "7", email, email_verified: true });
  expect(location).toEndWith("/dashboard?error=failed");
  expect((await browser.load()).person).toBeNull();
  expect(server.bugs).toEqual([]);
});

test("the provider's answer is accepted once", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const back = issuer.consent(url, { sub: "7", email, email_verified: true });
  const thief = server.browser();
  for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
  await browser.visit(back);
  expect((await browser.load()).person?.email).toBe(email);
  await thief.visit(back);
  expect((await thief.load()).person).toBeNull();
});

test("the redirect target comes from the configuration, for any requested host", async () => {
  const evil = { origin: "https://soketify.test", host: "evil.test", "x-forwarded-host": "evil.test" };
  const begun = await browser.send("POST", "/session/oidc", undefined, evil);
  const { url } = oidcAnswer.parse(await begun.json());
  const redirectUri = new URL(url).searchParams.get("redirect_uri");
  expect(redirectUri).toBe("https://soketify.test/realtime/api/auth/callback/oidc");
  const back = issuer.consent(url, { sub: "7", email, email_verified: true });
  const response = await browser.visit(new URL(back.href.replace("soketify.test", "evil.test")));
  expect(response.headers.get("location")).toBe("https://soketify.test/realtime/dashboard");
});

test("callbacks are limited before a request is sent to the provider", async () => {
  const url = new URL("https://soketify.test/realtime/api/auth/callback/oidc?code=1&state=2");
  server.address = "198.51.100.1";
  const statuses: number[] = [];
  for (let tries = 0; tries < 31; tries += 1) statuses.push((await browser.visit(url)).status);
  expect(statuses.filter((status) => status === 302)).toHaveLength(30);
  const refused = await browser.visit(url);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  expect(server.refusedLogins.map(({ why }) => why).slice(29)).toEqual([
    "expired",
    "too_many_attempts",
    "too_many_attempts",
  ]);
});

test("a provider with an internal address for its keys is refused, and only the log contains the address", async () => {
  issuer.keysAt = "http://127.0.0.2:9";
  const location = await logInElsewhere({ sub: "7", email, email_verified: true });
  expect(location).toBe("https://soketify.test/realtime/dashboard?error=failed");
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["failed"], []]);
  expect(server.oidcLog[0]).toContain("SOKETIFY_WEBHOOK_ALLOW=127.0.0.2");
  expect(JSON.stringify(server.refusedLogins)).not.toContain("127.0.0.2");
});

test("an unreachable provider is not reported as a bug, and the person gets an error", async () => {
  issuer.stop();
  const response = await browser.send("POST", "/session/oidc");
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ code: "login_provider_unreachable" });
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["failed"], []]);
});

test("without OpenID Connect the login and the callback do not exist", async () => {
  const without = await PeopleApiUnderTest.start("https://soketify.test/realtime");
  const visitor = without.browser();
  expect((await visitor.load()).oidcName).toBeNull();
  expect(await visitor.refusal("POST", "/session/oidc")).toBe("not_found");
  for (const path of ["callback/oidc?code=1&state=2", "callback/oidc", "sign-in/email", "ok"]) {
    const response = await visitor.visit(new URL(`https://soketify.test/realtime/api/auth/${path}`));
    expect([path, response.status]).toEqual([path, 404]);
  }
  expect(without.refusedLogins).toEqual([]);
  await without.remove();
});
