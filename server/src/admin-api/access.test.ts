import { beforeEach, describe, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../test/support/admin-api.ts";
import { somebody } from "../../test/support/management.ts";
import type { Endpoint } from "./endpoint.ts";
import { type EndpointName, endpoints } from "./endpoints.ts";

/** The permitted callers: a letter for each of admin, read, an app's token on its own app, and on another app. */
const access: Readonly<Record<EndpointName, string>> = {
  me: "arow",
  server: "arow",
  settingRules: "arow",
  nodes: "ar--",
  nodeStarts: "ar--",
  listApps: "arow",
  createApp: "a---",
  getApp: "aro-",
  changeApp: "a-o-",
  deleteApp: "a---",
  listSecrets: "aro-",
  rotateSecret: "a-o-",
  activateSecret: "a-o-",
  cancelRotation: "a-o-",
  revealSecret: "a---",
  listChannels: "aro-",
  getChannel: "aro-",
  channelHistory: "aro-",
  channelSettings: "aro-",
  listConnections: "aro-",
  listClosedConnections: "aro-",
  getConnection: "aro-",
  getConnectionTimeline: "aro-",
  closeConnection: "a-o-",
  listWebhooks: "aro-",
  createWebhook: "a-o-",
  getWebhook: "aro-",
  changeWebhook: "a-o-",
  deleteWebhook: "a-o-",
  testWebhook: "a-o-",
  listDeliveries: "aro-",
  replayDelivery: "a-o-",
  replayGivenUp: "a-o-",
  publishEvent: "a-o-",
  authorizeChannel: "a-o-",
  authenticateUser: "a-o-",
  live: "aro-",
  listErrors: "aro-",
  listErrorGroups: "aro-",
  appLimits: "aro-",
  board: "arow",
  serverLimits: "ar--",
  listActivity: "aro-",
  listPublished: "aro-",
  getUser: "aro-",
  traffic: "aro-",
  localhostWebhooks: "arow",
  changeLocalhostWebhooks: "a---",
  attention: "arow",
  findUsers: "arow",
  stats: "aro-",
  listTokens: "a---",
  createToken: "a---",
  deleteToken: "a---",
  listAudit: "ar--",
  exportAudit: "ar--",
  verifyAudit: "ar--",
};

const nobodysToken = `sfy_${"0".repeat(40)}`;
let server: AdminApiUnderTest;
let tokens: Readonly<Record<"a" | "r" | "o" | "w", string>>;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  await server.management.addApp(somebody, { id: "1" });
  await server.management.addApp(somebody, { id: "2" });
  tokens = {
    a: await server.token(["admin"]),
    r: await server.token(["read"]),
    o: await server.token(["app:1"]),
    w: await server.token(["app:2"]),
  };
});

describe.each(Object.keys(endpoints) as EndpointName[])("%s", (name) => {
  const { path }: Endpoint = endpoints[name];
  const params = Object.fromEntries(
    [...path.matchAll(/\{(\w+)\}/g)].map(([, key = ""]) => [key, key === "appId" ? "1" : "none"]),
  );

  test("is allowed for the callers in the table and 403 for others", async () => {
    let allowed = "";
    for (const who of ["a", "r", "o", "w"] as const) {
      const response = await server.send(name, { params, token: tokens[who] });
      allowed += response.status === 403 ? "-" : who;
      expect([401, 500]).not.toContain(response.status);
      await response.body?.cancel();
    }
    expect(allowed).toBe(access[name]);
  });

  test("is 401 without valid credentials", async () => {
    for (const token of [null, nobodysToken, "some other text"]) {
      expect(await server.refusal(name, { params, token })).toMatchObject({ status: 401 });
    }
  });
});

test("an app's token lists only its own app", async () => {
  const { apps } = await server.call("listApps", { token: tokens.o });
  expect(apps.map(({ id }) => id)).toEqual(["1"]);
});

test("an app's token gets the same answer for a missing app and another app", async () => {
  const other = await server.refusal("getApp", { params: { appId: "2" }, token: tokens.o });
  const none = await server.refusal("getApp", { params: { appId: "404" }, token: tokens.o });
  expect(none).toEqual(other);
});

test("a token with two scopes has the permissions of both", async () => {
  const token = await server.token(["read", "app:1"]);
  const attempt = (appId: string) => server.send("changeApp", { params: { appId }, body: {}, token });
  expect([(await attempt("1")).status, (await attempt("2")).status]).toEqual([200, 403]);
  expect((await server.call("me", { token })).appIds).toBeNull();
});

test("the error for an expired or revoked token names the reason", async () => {
  const token = await server.token(["admin"], 1_000);
  await server.call("me", { token });
  server.management.clock.advance(1_000);
  expect(await server.refusal("me", { token })).toMatchObject({ status: 401, code: "token_expired" });

  const made = await server.call("createToken", { body: { name: "deploy", scopes: ["read"] } });
  await server.call("me", { token: made.token.value });
  await server.call("deleteToken", { params: { tokenId: made.token.id } });
  expect(await server.refusal("me", { token: made.token.value })).toMatchObject({ code: "token_revoked" });
});

test("a mistyped token has a different error than an unknown one", async () => {
  const token = await server.token(["admin"]);
  const mistyped = token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");
  expect(await server.refusal("me", { token: mistyped })).toMatchObject({ code: "token_malformed" });
});

test("a token's last use is recorded", async () => {
  await server.call("me", { token: tokens.r });
  const { tokens: listed } = await server.call("listTokens");
  expect(listed.find(({ scopes }) => scopes[0] === "read")?.lastUsedAt).not.toBeNull();
});

test("the commands of the machine's owner need no token", async () => {
  const response = await server.api.routes.request("/me", {}, { isMachineOwner: true });
  expect(await response.json()).toMatchObject({ name: "cli" });
});

test("a token for an app has no access to a later app with the same id", async () => {
  const { management, tokens: store } = server;
  const body = { name: "deploys", scopes: ["app:1"] };
  const { token } = await server.call("createToken", { body });
  expect(token.scopes).toEqual(["app:1"]);
  await server.call("getApp", { params: { appId: "1" }, token: token.value });
  const older = await server.token(["app:1"]);
  await management.deleteApp("1", somebody);
  management.clock.advance(1);
  await management.addApp(somebody, { id: "1" });
  for (const given of [token.value, older])
    expect((await server.refusal("getApp", { params: { appId: "1" }, token: given })).code).toBe("forbidden");
  expect((await store.list()).map(({ scopes }) => scopes.join())).toContain("app:1@1767225600000");
});

test("a token can be created only for an existing app", async () => {
  const { code } = await server.refusal("createToken", { body: { name: "early", scopes: ["app:9"] } });
  expect(code).toBe("app_not_found");
});

test("a token created by a token has the same owner, and its name is not treated as an e-mail address", async () => {
  const { token } = await server.call("createToken", {
    body: { name: "ada@example.com", scopes: ["admin"] },
  });
  const made = await server.call("createToken", {
    token: token.value,
    body: { name: "x", scopes: ["read"] },
  });
  expect(made.token.createdBy).toBe("token ada@example.com");
  const [entry] = server.management.audit.rows.slice(-1);
  expect(entry).toMatchObject({ actorKind: "token", actorId: token.id, actor: "ada@example.com" });
});
