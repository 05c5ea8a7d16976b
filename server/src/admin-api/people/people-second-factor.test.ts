import { expect, test } from "bun:test";
import {
  type Browser,
  type PeopleApiUnderTest,
  password,
  peopleApiForEachTest,
} from "../../../test/support/people-api.ts";
import { totp } from "../../../test/support/totp.ts";
import { enrolAnswer } from "../contracts/people.ts";

const email = "owner@example.com";
let server: PeopleApiUnderTest;

peopleApiForEachTest((started) => {
  server = started;
});

test("with a second factor the password alone is not enough", async () => {
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

test("a code of the authenticator is accepted once, and no older one after it", async () => {
  const { secret } = await ownerWithSecondFactor();
  const enrolledWith = totp(secret);
  const next = totp(secret, 1);
  const logInWith = async (code: string) => {
    const browser = server.browser();
    await browser.call("POST", "/session", { email, password });
    return browser.send("POST", "/session/second-factor", { kind: "totp", code });
  };
  const together = await Promise.all([logInWith(next), logInWith(next), logInWith(next)]);
  expect(together.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
  for (const code of [next, enrolledWith]) {
    const refused = await logInWith(code);
    expect(await refused.json()).toMatchObject({ code: "code_used" });
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(refused.status).toBe(401);
  }
  const owner = server.browser();
  await owner.call("POST", "/session", { email, password });
  expect((await owner.load()).person).toBeNull();
});

test("a backup code is accepted once, also in concurrent requests", async () => {
  const { backupCodes } = await ownerWithSecondFactor();
  const give = async (code: string | undefined) => {
    const browser = server.browser();
    await browser.call("POST", "/session", { email, password });
    return browser.send("POST", "/session/second-factor", { kind: "backupCode", code });
  };
  const [first, second, third] = backupCodes;
  const together = await Promise.all([give(first), give(first), give(first), give(first)]);
  expect(together.map(({ status }) => status).sort()).toEqual([204, 401, 401, 401]);
  expect(await (await give(first)).json()).toMatchObject({ code: "wrong_code" });
  const others = await Promise.all([give(second), give(third)]);
  expect(others.map(({ status }) => status)).toEqual([204, 204]);
});

test("a backup code is accepted without its dash, and with a capital letter", async () => {
  const { backupCodes } = await ownerWithSecondFactor();
  const code = backupCodes[0]?.replace("-", " ").toUpperCase();
  const browser = server.browser();
  await browser.call("POST", "/session", { email, password });
  await browser.call("POST", "/session/second-factor", { kind: "backupCode", code });
  expect((await browser.load()).person?.email).toBe(email);
});

test("a reloaded page still asks for the code", async () => {
  const { secret } = await ownerWithSecondFactor();
  const browser = server.browser();
  expect((await browser.load()).needsSecondFactor).toBe(false);
  await browser.call("POST", "/session", { email, password });
  expect(await browser.load()).toMatchObject({ person: null, needsSecondFactor: true });
  await browser.call("POST", "/session/second-factor", { kind: "totp", code: totp(secret, 1) });
  expect((await browser.load()).needsSecondFactor).toBe(false);
});

test("a code without a pending login is refused", async () => {
  const { secret } = await ownerWithSecondFactor();
  const code = { kind: "totp", code: totp(secret, 1) };
  expect(await server.browser().refusal("POST", "/session/second-factor", code)).toBe("login_failed");
});

test("after five wrong codes the login must start again", async () => {
  const { secret } = await ownerWithSecondFactor();
  const browser = server.browser();
  await browser.call("POST", "/session", { email, password });
  const code = totp(secret) === "000000" ? "000001" : "000000";
  for (let tries = 0; tries < 5; tries += 1)
    expect(await browser.refusal("POST", "/session/second-factor", { kind: "totp", code })).toBe(
      "wrong_code",
    );
  const right = { kind: "totp", code: totp(secret) };
  expect(await browser.refusal("POST", "/session/second-factor", right)).toBe("login_failed");
  expect((await browser.load()).needsSecondFactor).toBe(false);
});

test("after ten wrong codes in any number of logins only a backup code is accepted", async () => {
  const { secret, backupCodes } = await ownerWithSecondFactor();
  const wrong = { kind: "totp", code: totp(secret, 1) === "000000" ? "000001" : "000000" };
  const begin = async () => {
    const browser = server.browser();
    await browser.call("POST", "/session", { email, password });
    return browser;
  };
  for (const browser of [await begin(), await begin()])
    for (let tries = 0; tries < 5; tries += 1)
      expect(await browser.refusal("POST", "/session/second-factor", wrong)).toBe("wrong_code");
  const browser = await begin();
  const right = { kind: "totp", code: totp(secret, 1) };
  expect(await browser.refusal("POST", "/session/second-factor", right)).toBe("too_many_attempts");
  await browser.call("POST", "/session/second-factor", { kind: "backupCode", code: backupCodes[0] });
  expect((await browser.load()).person?.email).toBe(email);
});

test("removing the second factor requires both the password and a code", async () => {
  const { browser, secret } = await ownerWithSecondFactor();
  const remove = (body: object) => browser.refusal("POST", "/account/second-factor/remove", body);
  const code = { kind: "totp", code: totp(secret, 1) };
  expect(await remove({ password })).toBe("invalid_request");
  expect(await remove({ password: "wrong", code })).toBe("wrong_password");
  const wrong = { kind: "totp", code: code.code === "000000" ? "000001" : "000000" };
  expect(await remove({ password, code: wrong })).toBe("wrong_code");
  expect(await remove({ password, code: { kind: "backupCode", code: "guess-edone" } })).toBe("wrong_code");
  expect((await browser.load()).person?.hasSecondFactor).toBe(true);

  await browser.call("POST", "/account/second-factor/remove", { password, code });
  expect((await browser.load()).person?.hasSecondFactor).toBe(false);
  await server.browser().logIn(email);
});

test("a second factor can be removed with a backup code, too", async () => {
  const { browser, backupCodes } = await ownerWithSecondFactor();
  const code = { kind: "backupCode", code: backupCodes[0] };
  await browser.call("POST", "/account/second-factor/remove", { password, code });
  await server.browser().logIn(email);
});

test("a change of the second factor ends the other sessions and renews this one", async () => {
  const here = await server.owner();
  const there = server.browser();
  await there.logIn(email);
  const { secret } = await enrol(here);
  expect(await there.refusal("GET", "/me")).toBe("unauthenticated");
  const before = here.cookies.get("soketify.session_token");
  const code = { kind: "totp", code: totp(secret, 1) };
  await here.call("POST", "/account/second-factor/remove", { password, code });
  expect(here.cookies.get("soketify.session_token")).not.toBe(before);
  expect((await here.load()).person?.email).toBe(email);
});

async function ownerWithSecondFactor() {
  const browser: Browser = await server.owner();
  return { browser, ...(await enrol(browser)) };
}

async function enrol(browser: Browser) {
  const enrolled = await browser.call("POST", "/account/second-factor", { password });
  const { totpUri, backupCodes } = enrolAnswer.parse(await enrolled.json());
  const secret = new URL(totpUri).searchParams.get("secret") ?? "";
  await browser.call("POST", "/account/second-factor/confirm", { code: totp(secret) });
  await browser.load();
  return { secret, backupCodes };
}
