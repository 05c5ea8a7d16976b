import { afterEach, beforeEach, expect, setSystemTime, test } from "bun:test";
import { OidcIssuer } from "../../test/support/oidc-issuer.ts";
import { type Browser, PeopleApiUnderTest } from "../../test/support/people-api.ts";
import { oidcAnswer } from "./people-contract.ts";

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

async function signOn(claims: Parameters<OidcIssuer["consent"]>[1]): Promise<string> {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const back = issuer.consent(url, claims);
  expect(back.href).toStartWith("https://soketify.test/realtime/api/auth/callback/oidc?");
  const response = await browser.visit(back);
  expect(response.status).toBe(302);
  return response.headers.get("location") ?? "";
}

test("the page learns that there is a sign-on, and what it is called", async () => {
  expect((await browser.load()).oidcName).toBe("Staff login");
});

test("whoever has an account signs on with a verified address, again and again", async () => {
  for (const _ of [1, 2]) {
    const location = await signOn({ sub: "7", email, email_verified: true });
    expect(location).toBe("https://soketify.test/realtime/dashboard");
    expect((await browser.load()).person).toMatchObject({ email, role: "owner" });
    expect(server.lastAudit()).toMatchObject({ actor: email, action: "session.begin" });
    await browser.call("DELETE", "/session");
  }
});

test.each([
  ["has no account", { sub: "8", email: "stranger@example.com", email_verified: true }, "signup_disabled"],
  [
    "has an address that the issuer did not verify",
    { sub: "9", email, email_verified: false },
    "account_not_linked",
  ],
])("whoever %s does not sign on", async (_, claims, reason) => {
  expect(await signOn(claims)).toMatch(/^https:\/\/soketify\.test\/realtime\/dashboard\?error=/);
  expect((await browser.load()).person).toBeNull();
  expect(server.lastAudit()).toMatchObject({ actor: "anonymous", action: "session.refuse" });
  expect([server.refusedSignOns, server.bugs]).toEqual([[reason], []]);
});

test("whoever says no to the issuer does not sign on, and that is no bug", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const sentBack = await fetch(url, { redirect: "manual" });
  const response = await browser.visit(new URL(sentBack.headers.get("location") ?? ""));
  expect(response.headers.get("location")).toContain("?error=access_denied");
  expect(server.lastAudit()).toMatchObject({ action: "session.refuse" });
  expect(server.bugs).toEqual([]);
});

test("whoever comes back from the issuer after too long does not sign on, and that is no bug", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const back = issuer.consent(url, { sub: "7", email, email_verified: true });
  setSystemTime(Date.now() + 3_600_000);
  const response = await browser.visit(back);
  setSystemTime();
  expect(response.headers.get("location")).toContain("?error=state_mismatch");
  expect([server.refusedSignOns, server.bugs]).toEqual([["state_mismatch"], []]);
});

test("a callback that this browser did not ask for is refused", async () => {
  const { url } = oidcAnswer.parse(await (await browser.call("POST", "/session/oidc")).json());
  const other = server.browser();
  const response = await other.visit(issuer.consent(url, { sub: "7", email, email_verified: true }));
  expect(response.headers.get("location")).toMatch(
    /^https:\/\/soketify\.test\/realtime\/dashboard\?error=state_/,
  );
  expect((await other.load()).person).toBeNull();
  expect(server.refusedSignOns).toHaveLength(1);
  expect(server.bugs).toEqual([]);
});

test("a callback that nobody asked for is refused, and is no bug", async () => {
  const response = await browser.visit(
    new URL("https://soketify.test/realtime/api/auth/callback/oidc?code=1"),
  );
  expect(response.headers.get("location")).toContain("?error=state_not_found");
  expect([server.refusedSignOns, server.bugs]).toEqual([["State not found"], []]);
});
