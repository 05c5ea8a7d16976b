import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { fakeConnection } from "../../../test/support/fakes/fake-socket.ts";
import { somebody } from "../../../test/support/management.ts";
import type { Connection } from "../../core/connection.ts";

const params = { appId: "1" };
const sender = { address: "192.0.2.9", sdk: "php 7.2" };
let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  for (const id of ["1", "2"]) await server.management.addApp(somebody, { id });
});

function open(socketId: string, appId = "1"): Connection {
  const { connection } = fakeConnection(socketId, appId, server.management.clock.now());
  server.management.hub.add(connection, false);
  server.activity.emit({ type: "connection_opened", appId, connection });
  return connection;
}

function subscribed(connection: Connection, channel: string): void {
  server.activity.emit({ type: "subscribed", appId: connection.appId, connection, channel });
}

function refused(connection: Connection, message: string, channel: string | null = null): void {
  const { appId } = connection;
  server.activity.emit({ type: "message_refused", appId, connection, channel, code: 4301, message });
}

/** Emits the activities in the order of the action. */
function close(connection: Connection, code: number, reason: string): void {
  const { appId } = connection;
  connection.isClosed = true;
  server.management.hub.remove(connection);
  server.activity.emit({ type: "unsubscribed", appId, connection, channel: "orders" });
  server.activity.emit({ type: "connection_closed", appId, connection, memberships: [], code, reason });
}

async function timelineOf(socketId: string) {
  return (await server.call("getConnectionTimeline", { params: { ...params, socketId } })).timeline;
}

test("an open connection's timeline contains earlier steps", async () => {
  const connection = open("1.1");
  const other = open("2.2");
  subscribed(connection, "orders");
  subscribed(other, "elsewhere");
  server.activity.emit({ type: "signed_in", appId: "1", connection, userId: "ada", dataBytes: 12 });
  refused(connection, "Too fast");
  server.activity.emit({ type: "unsubscribed", appId: "1", connection, channel: "orders" });
  const timeline = await timelineOf("1.1");
  expect(timeline).toMatchObject({
    opened: { socketId: "1.1", address: "192.0.2.7", origin: "https://example.com", client: "js" },
    steps: [
      { type: "subscribed", channel: "orders" },
      { type: "signed_in", userId: "ada" },
      { type: "message_refused", code: 4301, message: "Too fast" },
      { type: "unsubscribed", channel: "orders" },
    ],
    closed: null,
    isWhole: true,
  });
});

test("an open connection includes its current state, and a closed one does not", async () => {
  const connection = open("1.1");
  connection.subscriptions.set("orders", { userId: null, secretId: null, infoBytes: 0 });
  const ask = () =>
    server.call("getConnectionTimeline", { params: { ...params, socketId: connection.socketId } });
  expect((await ask()).connection).toMatchObject({ socketId: "1.1", channels: ["orders"], queuedBytes: 0 });
  close(connection, 1000, "");
  expect((await ask()).connection).toBeNull();
});

test("a closed connection's timeline ends with the close reason, without the channels that the close left", async () => {
  const connection = open("1.1");
  subscribed(connection, "orders");
  server.management.clock.advance(90_000);
  close(connection, 4201, "Pong reply not received in time");
  const { steps, closed } = await timelineOf("1.1");
  expect(steps.map(({ type }) => type)).toEqual(["subscribed"]);
  expect(closed).toMatchObject({ code: 4201, reason: "Pong reply not received in time", openForMs: 90_000 });
});

test("missing steps are reported", async () => {
  const connection = open("1.1");
  subscribed(connection, "orders");
  server.management.clock.advance(1_000);
  const busy = open("2.2");
  for (let count = 0; count < 5_000; count++) subscribed(busy, "chat");
  const timeline = await timelineOf("1.1");
  expect(timeline).toMatchObject({ steps: [], isWhole: false });
  expect(Date.parse(timeline.rememberedSince)).toBeGreaterThan(Date.parse(timeline.opened.at));
  expect(await timelineOf("2.2")).toMatchObject({ isWhole: true });
});

test("another app's connection gives the same error as an unknown one", async () => {
  close(open("1.1", "2"), 4009, "Unauthorized");
  open("2.2", "2");
  for (const socketId of ["1.1", "2.2", "3.3"]) {
    const refusal = await server.refusal("getConnectionTimeline", { params: { ...params, socketId } });
    expect(refusal).toMatchObject({ status: 404, code: "connection_not_found" });
    expect(refusal.detail).toStartWith(`No connection ${socketId} is open or has closed since`);
  }
});

test("an app's errors contain only its own failures, newest first", async () => {
  const connection = open("1.1");
  const request = { type: "api_request", appId: "1", method: "POST", route: "/apps/:appId/events" } as const;
  const handshake = { type: "handshake_refused", appKey: "k", sender } as const;
  refused(connection, "first");
  server.activity.emit({ ...request, status: 200, durationMs: 1, failure: null });
  server.activity.emit({ ...request, status: 429, durationMs: 1, failure: { reason: "Too many", sender } });
  server.activity.emit({ ...handshake, appId: "1", code: 4009, reason: "Origin not allowed" });
  refused(open("2.2", "2"), "elsewhere");
  server.activity.emit({ ...handshake, appId: null, code: 4001, reason: "No such key" });
  const { errors } = await server.call("listErrors", { params });
  expect(errors).toMatchObject([
    { type: "handshake_refused", code: 4009, reason: "Origin not allowed" },
    { type: "api_request", status: 429, failure: { reason: "Too many", sender } },
    { type: "message_refused", socketId: "1.1", message: "first" },
  ]);
});

test("the newest hundred errors are kept, and the answer contains since when they are complete", async () => {
  const connection = open("1.1");
  const since = async () => (await server.call("listErrors", { params })).rememberedSince;
  const atFirst = await since();
  for (let count = 1; count <= 150; count++) {
    server.management.clock.advance(1_000);
    refused(connection, `error ${count}`);
  }
  const { errors } = await server.call("listErrors", { params });
  expect(errors).toHaveLength(100);
  expect(errors.at(0)).toMatchObject({ message: "error 150" });
  expect(errors.at(-1)).toMatchObject({ message: "error 51" });
  expect((await since()) > atFirst).toBe(true);
});

test("unauthenticated requests do not displace other errors of an app", async () => {
  const { clock } = server.management;
  refused(open("1.1"), "first");
  for (let requests = 1; requests <= 200; requests++) {
    clock.advance(1_000);
    server.activity.emit({
      type: "api_request_refused",
      appId: "1",
      method: "POST",
      route: "/apps/:appId/events",
      status: 401,
      reason: "Unknown auth_key",
      sender,
      requests,
    });
  }
  const { errors } = await server.call("listErrors", { params });
  expect(errors).toHaveLength(21);
  expect(errors[0]).toMatchObject({ type: "api_request_refused", reason: "Unknown auth_key", requests: 200 });
  expect(errors.at(-1)).toMatchObject({ message: "first" });
  expect(new Set(errors.map(({ id }) => id)).size).toBe(21);
});

test("long texts from a client are truncated before they are stored", async () => {
  refused(open("1.1"), "m".repeat(90_000), "c".repeat(90_000));
  const { errors } = await server.call("listErrors", { params });
  expect(errors).toMatchObject([{ channel: `${"c".repeat(1_000)}…`, message: `${"m".repeat(1_000)}…` }]);
});

test("only an open connection's timeline contains the last ping", async () => {
  const atMs = server.management.clock.now();
  server.lastPing = { atMs, isAnswered: false };
  const connection = open("1.1");
  expect((await timelineOf("1.1")).lastPing).toEqual({ at: new Date(atMs).toISOString(), isAnswered: false });
  close(connection, 1006, "");
  expect((await timelineOf("1.1")).lastPing).toBeNull();
});

test("errors are grouped, with their count, time range, senders, hourly counts and newest errors", async () => {
  const { clock } = server.management;
  const [one, other] = [open("1.1"), open("2.2")];
  const firstAt = new Date(clock.now()).toISOString();
  refused(one, "Too fast", "private-user-1");
  clock.advance(2 * 3_600_000);
  refused(other, "Too fast", "private-user-2");
  refused(other, "Too fast", "private-user-2");
  const { groups, unanswered } = await server.call("listErrorGroups", { params });
  const lastAt = new Date(clock.now()).toISOString();
  expect(unanswered).toEqual([]);
  expect(groups).toMatchObject([
    {
      type: "message_refused",
      code: 4301,
      channelPattern: "private-user-*",
      reasonPattern: "Too fast",
      errors: 3,
      firstAt,
      lastAt,
      sdk: "js 8.6.0",
      route: null,
      lastHours: [...Array<number>(21).fill(0), 1, 0, 2],
      sockets: { count: 2, isAtLeast: false, some: ["1.1", "2.2"] },
      addresses: { count: 1, isAtLeast: false, some: ["192.0.2.7"] },
    },
  ]);
  expect(groups[0]?.newest.map(({ at, channel, socketId }) => [at, channel, socketId])).toEqual([
    [lastAt, "private-user-2", "2.2"],
    [lastAt, "private-user-2", "2.2"],
    [firstAt, "private-user-1", "1.1"],
  ]);
});
