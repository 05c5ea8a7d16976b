import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest, dayMs } from "../../test/support/admin-api.ts";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { enter } from "../../test/support/fakes/memory-cluster.ts";
import { somebody } from "../../test/support/management.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";

const params = { appId: "1" };
let server: AdminApiUnderTest;
let secret: string;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  const made = await server.call("createApp", { body: { id: "1", key: "key-of-app-1" } });
  secret = made.secret.value;
});

test("only the answer to the creation of an app contains its secret", async () => {
  expect(server.management.accepts("1", secret)).toBe(true);
  const later = await Promise.all([
    server.call("getApp", { params }),
    server.call("listApps"),
    server.call("listSecrets", { params }),
    server.call("changeApp", { params, body: { name: "New" } }),
    server.call("listAudit"),
  ]);
  expect(JSON.stringify(later)).not.toContain(secret);
});

test("the error for an invalid body names the field and the problem", async () => {
  const body = { settings: { connectionsMax: -1 } };
  expect(await server.refusal("changeApp", { params, body })).toMatchObject({
    status: 400,
    code: "invalid_request",
    issues: [{ path: "settings.connectionsMax" }],
  });
});

test("an unknown field of a body is refused", async () => {
  const body = { enabled: false } as { isEnabled?: boolean };
  expect(await server.refusal("changeApp", { params, body })).toMatchObject({ code: "invalid_request" });
});

test("a body that is not JSON, or has another content type, is rejected", async () => {
  const options = {
    method: "POST",
    body: "{",
    headers: { authorization: `Bearer ${await server.token(["admin"])}` },
  };
  const asText = await server.api.routes.request("/apps", options);
  expect(await asText.json()).toMatchObject({
    code: "invalid_request",
    detail: expect.stringContaining("Content-Type"),
  });
  const headers = { ...options.headers, "content-type": "application/json" };
  const broken = await server.api.routes.request("/apps", { ...options, headers });
  expect(await broken.json()).toMatchObject({ code: "invalid_request" });
});

test("a missing resource is answered with a problem, its code and its documentation", async () => {
  expect(await server.refusal("getApp", { params: { appId: "9" } })).toMatchObject({ code: "app_not_found" });
  const response = await server.api.routes.request("/nothing");
  const help = "docs/reference/errors.md#not_found";
  expect(await response.json()).toMatchObject({ status: 404, code: "not_found", help });
  expect(response.headers.get("soketify-help")).toBe(help);
});

test("an unexpected error gives a 500 with details only in the log", async () => {
  server.management.store.find = () => Promise.reject(new Error("password of the database"));
  const problem = await server.refusal("listSecrets", { params });
  expect(problem).toMatchObject({ status: 500, code: "internal_error" });
  expect(JSON.stringify(problem)).not.toContain("password");
  expect(server.bugs).toHaveLength(1);
});

test("a complete rotation", async () => {
  const { secret: made } = await server.call("rotateSecret", { params });
  expect(made).toMatchObject({ state: "pending", lastUsedAt: null });
  server.management.accepts("1", secret);
  const { secrets, activation } = await server.call("listSecrets", { params });
  expect(secrets.map(({ state }) => state)).toEqual(["active", "pending"]);
  expect(activation?.isSafe).toBe(false);
  expect(await server.refusal("activateSecret", { params })).toMatchObject({
    status: 409,
    code: "secret_in_use",
    lastUsedAt: secrets[0]?.lastUsedAt,
  });
  await server.call("activateSecret", { params, body: { force: true } });
  expect(server.management.accepts("1", secret)).toBe(false);
  expect(server.management.accepts("1", made.value)).toBe(true);
});

test("revealing a secret is recorded in the audit log", async () => {
  const { secrets } = await server.call("listSecrets", { params });
  const secretId = secrets[0]?.id ?? "";
  expect(await server.call("revealSecret", { params: { ...params, secretId } })).toEqual({ value: secret });
  const { entries } = await server.call("listAudit");
  expect(entries[0]).toMatchObject({ action: "secret.reveal", actor: "environment", address: "192.0.2.1" });
});

test("an app reports when its secret is old", async () => {
  server.management.clock.advance(90 * dayMs + 1);
  const { app } = await server.call("getApp", { params });
  expect(app.secret).toMatchObject({ isOld: true, isRotating: false });
});

test("the next page continues after the previous one", async () => {
  for (const id of ["2", "3"]) await server.management.addApp(somebody, { id });
  const first = await server.call("listApps", { query: { limit: 2 } });
  const second = await server.call("listApps", { query: { limit: 2, cursor: first.nextCursor ?? "" } });
  expect([first.apps.length, second.apps.length, second.nextCursor]).toEqual([2, 1, null]);
  expect([first.total, second.total]).toEqual([3, 3]);
  const audit = await server.call("listAudit", { query: { limit: 1 } });
  const rest = await server.call("listAudit", { query: { limit: 5, cursor: audit.nextCursor ?? "" } });
  expect([audit.entries[0]?.sequence, rest.entries.map(({ sequence }) => sequence)]).toEqual([3, [2, 1]]);
});

test("requests that need the engine fail while it is unreachable", async () => {
  server.cluster.broker.publish = () => {
    throw new EngineUnreachable("The engine is unreachable");
  };
  const body = { name: "greeting", data: "hello", channels: ["a"] };
  expect(await server.refusal("publishEvent", { params, body })).toMatchObject({
    status: 503,
    code: "engine_unreachable",
  });
});

test("a vacated channel does not shift pages, and the total counts the channels with the prefix", async () => {
  const { roster } = server.cluster;
  for (const channel of ["chat-1", "chat-2", "chat-3", "orders"]) await enter(roster, channel);
  const query = { prefix: "chat-", limit: 1 };
  const first = await server.call("listChannels", { params, query });
  expect({ total: first.total, names: first.channels.map(({ name }) => name) }).toEqual({
    total: 3,
    names: ["chat-1"],
  });
  await roster.leave({ appId: "1", channel: "chat-1", userId: null, isCountPublished: false });
  const next = { ...query, cursor: first.nextCursor ?? "" };
  const second = await server.call("listChannels", { params, query: next });
  expect(second).toMatchObject({ total: 2, channels: [{ name: "chat-2" }] });
});

test("connections are found by a prefix of their socket id, user id or address", async () => {
  const { hub } = server.management;
  for (const socketId of ["11.1", "12.2", "21.3"]) hub.add(fakeConnection(socketId, "1").connection, false);
  const { connection } = fakeConnection("22.4", "1");
  connection.subscriptions.set("presence-a", { userId: "ada", secretId: null, infoBytes: 0 });
  hub.add(connection, false);
  const found = async (search: string) => {
    const { connections, total } = await server.call("listConnections", { params, query: { search } });
    expect(total).toBe(connections.length);
    return connections.map(({ socketId }) => socketId).sort();
  };
  expect(await found("12")).toEqual(["12.2"]);
  expect(await found("2")).toEqual(["21.3", "22.4"]);
  expect(await found("ad")).toEqual(["22.4"]);
  expect(await found("192.0.2")).toHaveLength(4);
  expect(await found("0.2")).toEqual([]);
});

test("connections are shown, found by channel, and closed", async () => {
  const { connection, socket } = fakeConnection("1.1", "1", server.management.clock.now());
  connection.subscriptions.set("presence-a", { userId: "ada", secretId: null, infoBytes: 0 });
  server.management.hub.add(connection, false);
  server.management.hub.add(fakeConnection("2.2", "1").connection, false);
  const { connections } = await server.call("listConnections", { params, query: { channel: "presence-a" } });
  const memberships = [{ userId: "ada", channel: "presence-a" }];
  expect(connections).toMatchObject([
    { socketId: "1.1", client: "js", userId: null, memberships, channels: ["presence-a"] },
  ]);
  await server.call("closeConnection", { params: { ...params, socketId: "1.1" } });
  expect(socket.closed?.code).toBe(4009);
  const gone = { ...params, socketId: "9.9" };
  expect(await server.refusal("getConnection", { params: gone })).toMatchObject({
    code: "connection_not_found",
  });
});

test("closed connections are listed with their reason, newest first", async () => {
  for (const socketId of ["1.1", "2.2"]) {
    const { connection } = fakeConnection(socketId, "1");
    server.activity.emit({
      type: "connection_closed",
      appId: "1",
      connection,
      memberships: [{ userId: `ada-${socketId}`, channel: "presence-a" }],
      code: 4200,
      reason: "drained",
    });
  }
  const { connections } = await server.call("listClosedConnections", { params });
  expect(connections.map(({ socketId, code }) => [socketId, code])).toEqual([
    ["2.2", 4200],
    ["1.1", 4200],
  ]);
  const found = await server.call("listClosedConnections", { params, query: { search: "ada-2" } });
  expect(found.connections).toMatchObject([
    { socketId: "2.2", userId: null, memberships: [{ userId: "ada-2.2", channel: "presence-a" }] },
  ]);
  expect((await server.call("findUsers", { query: { search: "ada-1" } })).users).toMatchObject([
    { userId: "ada-1.1" },
  ]);
});

test("a channel shows its members, its subscribers and its cached event", async () => {
  const name = "presence-cache-a";
  const { connection } = fakeConnection("1.1", "1");
  connection.subscriptions.set(name, { userId: "ada", secretId: null, infoBytes: 0 });
  server.management.hub.add(connection, false);
  await enter(server.cluster.roster, name, { userId: "ada", infoJson: '{"name":"Ada"}' });
  await server.call("publishEvent", { params, body: { name: "greeting", data: "hello", channels: [name] } });
  const { channel } = await server.call("getChannel", { params: { ...params, channel: name } });
  expect(channel).toMatchObject({
    type: "presence",
    isOccupied: true,
    members: [{ id: "ada", info: { name: "Ada" } }],
    subscribers: [{ socketId: "1.1", userId: "ada" }],
    cachedEvent: { name: "greeting", data: "hello" },
  });
  const { channels } = await server.call("listChannels", { params, query: { prefix: "presence-" } });
  expect(channels.map((one) => one.name)).toEqual([name]);
});

test("an event is published and refused like one from a backend", async () => {
  await server.call("publishEvent", { params, body: { name: "greeting", data: "hello", channels: ["a"] } });
  expect(server.line.frames("a")).toEqual(['{"event":"greeting","channel":"a","data":"hello"}']);
  const body = { name: "pusher:greeting", data: "hello", channels: ["a"] };
  expect(await server.refusal("publishEvent", { params, body })).toMatchObject({
    status: 400,
    code: "invalid_event",
  });
  const large = { name: "greeting", data: "x".repeat(10_241), channels: ["a"] };
  expect(await server.refusal("publishEvent", { params, body: large })).toMatchObject({ code: "too_large" });
});

test("a channel is authorized by the active secret", async () => {
  const body = { socketId: "1.1", channel: "presence-a", channelData: '{"user_id":"ada"}' };
  const answer = await server.call("authorizeChannel", { params, body });
  expect(answer.channel_data).toBe(body.channelData);
  const [key, signature] = answer.auth.split(":");
  const text = `1.1:presence-a:${body.channelData}`;
  expect(key).toBe("key-of-app-1");
  expect(
    server.management.registry.verify("1", "channelAuthorization", text, signature ?? ""),
  ).not.toBeNull();
});

test("a series has zeros for intervals without activity and no point for intervals without data", async () => {
  server.management.clock.advance(5 * 60_000);
  const nowMs = server.management.clock.now();
  const counted = {
    connections: 2,
    connectionsPeak: 3,
    messagesIn: 4,
    messagesOut: 5,
    apiRequests: 6,
    errors: 0,
  };
  await server.stats.addMinute(nowMs - 120_000, new Map());
  await server.stats.addMinute(nowMs - 60_000, new Map([["1", counted]]));
  const query = { from: new Date(nowMs - 180_000).toISOString(), to: new Date(nowMs).toISOString() };
  const { points, from, until } = await server.call("stats", { params, query });
  expect([from, until]).toEqual([query.from, query.to]);
  expect(points.map(({ at, messagesOut }) => [Date.parse(at) - nowMs, messagesOut])).toEqual([
    [-120_000, 0],
    [-60_000, 5],
  ]);
  const long = { from: "2020-01-01T00:00:00Z" };
  expect(await server.refusal("stats", { params, query: long })).toMatchObject({ code: "invalid_request" });
});

test("a series has no points before its app was created", async () => {
  const madeAtMs = server.management.clock.now();
  await server.stats.addMinute(madeAtMs - 60_000, new Map());
  await server.stats.addMinute(madeAtMs, new Map());
  server.management.clock.advance(60_000);
  const { points } = await server.call("stats", { params, query: { intervals: 3 } });
  expect(points.map(({ at }) => Date.parse(at))).toEqual([madeAtMs]);
});

test("the audit log is exported as JSON lines and verified", async () => {
  const response = await server.send("exportAudit");
  const lines = (await response.text()).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).action)).toEqual(["app.create"]);
  expect(await server.call("verifyAudit")).toMatchObject({ isIntact: true, entriesChecked: 1 });
});

test("a deletion reports to the other nodes that access changed; a change or a refused deletion does not", async () => {
  await server.call("changeApp", { params, body: { name: "New" } });
  await server.refusal("deleteApp", { params: { appId: "2" } });
  expect(server.accessAnnouncements).toBe(0);
  await server.send("deleteApp", { params });
  expect(server.accessAnnouncements).toBe(1);
});
