import { expect, test } from "bun:test";
import { PeopleApiUnderTest, password } from "../../../test/support/people-api.ts";
import { problem } from "../contracts/common.ts";

test("a page at an unknown address is refused, and the error names the option to set", async () => {
  const server = await PeopleApiUnderTest.start();
  const proxied = { origin: "https://dashboard.example.com" };
  const body = { email: "owner@example.com", password };
  const response = await server.browser().send("POST", "/session", body, proxied);
  const { code, detail } = problem.parse(await response.json());
  expect([response.status, code]).toEqual([403, "cross_site"]);
  expect(detail).toContain("for the server, the dashboard is at soketify.test");
  expect(detail).toContain("configure your proxy to forward the Host header, or set SOKETIFY_PUBLIC_URL");
  await server.remove();
});

test("an unauthenticated request may have 8 KB, and an authenticated one more", async () => {
  const server = await PeopleApiUnderTest.start();
  const owner = await server.owner();
  const large = "x".repeat(10_000);
  const stranger = server.browser();
  for (const [path, body] of [
    ["/session", { email: "owner@example.com", password, padding: large }],
    ["/session/second-factor", { kind: "totp", code: "000000", padding: large }],
    ["/invitations/open", { token: large }],
    ["/invitations/accept", { token: large, name: "x", password }],
  ] as const) {
    expect(await stranger.refusal("POST", path, body)).toBe("too_large");
    expect(await owner.refusal("POST", path, body)).toBe("too_large");
  }
  expect(await owner.refusal("PATCH", "/account", { name: large })).toBe("invalid_request");
  expect(server.bugs).toEqual([]);
  await server.remove();
});
