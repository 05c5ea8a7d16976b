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

test("the page learns that there is an OIDC login, and what it is called", async () => {
  expect((await browser.load()).oidcName).toBe("Staff login");
});

test("whoever has an account logs in with a verified address, again and again", async () => {
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
])("whoever %s does not log in", async (_, claims, reason) => {
  expect(await logInElsewhere(claims)).toMatch(/^https:\/\/soketify\.test\/realtime\/dashboard\?error=/);
  expect((await browser.load()).person).toBeNull();
  expect(server.refusedLogins).toEqual([{ address: server.address, target: "OpenID Connect", why: reason }]);
  expect([server.refusedOidcLogins, server.bugs]).toEqual([[reason], []]);
});

test("whoever says no to the issuer does not log in, and that is no bug", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const sentBack = await fetch(url, { redirect: "manual" });
  const response = await browser.visit(new URL(sentBack.headers.get("location") ?? ""));
  expect(response.headers.get("location")).toContain("?error=refused");
  expect(server.refusedLogins).toHaveLength(1);
  expect(server.bugs).toEqual([]);
});

test("whoever comes back from the issuer after too long does not log in, and that is no bug", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const back = issuer.consent(url, { sub: "7", email, email_verified: true });
  setSystemTime(Date.now() + 3_600_000);
  const response = await browser.visit(back);
  setSystemTime();
  expect(response.headers.get("location")).toContain("?error=expired");
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["expired"], []]);
});

test("a callback that this browser did not ask for is refused", async () => {
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

test("a callback that nobody asked for is refused, and is no bug", async () => {
  const response = await browser.visit(
    new URL("https://soketify.test/realtime/api/auth/callback/oidc?code=1"),
  );
  expect(response.headers.get("location")).toContain("?error=expired");
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["expired"], []]);
});

test("whoever has a second factor gives its code after the provider, too", async () => {
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

test("an ID token that somebody else signed logs nobody in", async () => {
  issuer.isForged = true;
  const location = await logInElsewhere({ sub: "7", email, email_verified: true });
  expect(location).toEndWith("/dashboard?error=failed");
  expect((await browser.load()).person).toBeNull();
  expect(server.bugs).toEqual([]);
});

test("what the provider sends back is good once", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const back = issuer.consent(url, { sub: "7", email, email_verified: true });
  const thief = server.browser();
  for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
  await browser.visit(back);
  expect((await browser.load()).person?.email).toBe(email);
  await thief.visit(back);
  expect((await thief.load()).person).toBeNull();
});

test("where the browser is sent comes from the configuration, whatever host it asked for", async () => {
  const evil = { origin: "https://soketify.test", host: "evil.test", "x-forwarded-host": "evil.test" };
  const begun = await browser.send("POST", "/session/oidc", undefined, evil);
  const { url } = oidcAnswer.parse(await begun.json());
  const redirectUri = new URL(url).searchParams.get("redirect_uri");
  expect(redirectUri).toBe("https://soketify.test/realtime/api/auth/callback/oidc");
  const back = issuer.consent(url, { sub: "7", email, email_verified: true });
  const response = await browser.visit(new URL(back.href.replace("soketify.test", "evil.test")));
  expect(response.headers.get("location")).toBe("https://soketify.test/realtime/dashboard");
});

test("callbacks are throttled before anything is asked of the provider", async () => {
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

test("a provider that names an internal address for its keys lets nobody in, and only the log says which", async () => {
  issuer.keysAt = "http://127.0.0.2:9";
  const location = await logInElsewhere({ sub: "7", email, email_verified: true });
  expect(location).toBe("https://soketify.test/realtime/dashboard?error=failed");
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["failed"], []]);
  expect(server.oidcLog[0]).toContain("SOKETIFY_WEBHOOK_ALLOW=127.0.0.2");
  expect(JSON.stringify(server.refusedLogins)).not.toContain("127.0.0.2");
});

test("a provider that is away is no bug, and the person is told", async () => {
  issuer.stop();
  const response = await browser.send("POST", "/session/oidc");
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ code: "login_provider_unreachable" });
  expect([server.refusedOidcLogins, server.bugs]).toEqual([["failed"], []]);
});

test("without OpenID Connect there is no such login and no callback", async () => {
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
