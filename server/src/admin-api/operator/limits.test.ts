import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { fakeConnection } from "../../../test/support/fakes/fake-socket.ts";
import { somebody } from "../../../test/support/management.ts";
import type { Connection } from "../../core/connection.ts";
import { ByteBudget } from "../../core/limits/byte-budget.ts";

const params = { appId: "1" };
const sender = { address: "192.0.2.9", sdk: null };
const reached = { recipients: 0, isLocal: false };
let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  await server.management.addApp(somebody, {
    id: "1",
    settings: {
      connectionsMax: 10,
      channelsPerConnectionMax: 4,
      eventPayloadBytesMax: 100,
      apiRequestsPerSecondMax: 5,
      channelRules: [{ pattern: "big-*", eventPayloadBytesMax: 10_000 }],
    },
  });
});

function connect(id: string): Connection {
  const { hub, clock } = server.management;
  const { connection } = fakeConnection(`${id}.1`, "1", clock.now());
  hub.add(connection, false);
  return connection;
}

function subscribe(connection: Connection, channel: string, memberCount?: number): void {
  connection.subscriptions.set(channel, { userId: null, secretId: null, infoBytes: 0 });
  const counted = memberCount === undefined ? {} : { memberCount };
  server.activity.emit({ type: "subscribed", appId: "1", connection, channel, ...counted });
}

function publish(channel: string, data: string): void {
  const event = { type: "event_published", event: "e", exceptSocketId: null, sender, reached } as const;
  server.activity.emit({ ...event, appId: "1", channels: [channel], data });
}

async function use(limit: string) {
  const { limits } = await server.call("appLimits", { params });
  const found = limits.find((one) => one.limit === limit);
  return found === undefined ? null : [found.used, found.max, found.peak, found.peakOver];
}

test("the usage of connections is the current number, with the peak of 48 hours", async () => {
  connect("1");
  const startMs = server.management.clock.now() - 3_600_000;
  const stats = {
    connections: 8,
    connectionsPeak: 9,
    messagesIn: 0,
    messagesOut: 0,
    apiRequests: 0,
    errors: 0,
  };
  await server.stats.addMinute(startMs, new Map([["1", stats]]));
  expect(await use("connectionsMax")).toEqual([1, 10, 9, "48h"]);
});

test("the usage of channels per connection is that of the open connection with the most", async () => {
  const wide = connect("1");
  const narrow = connect("2");
  for (const channel of ["a", "b", "c"]) subscribe(wide, channel);
  subscribe(narrow, "a");
  expect(await use("channelsPerConnectionMax")).toEqual([3, 4, 3, "start"]);
  wide.isClosed = true;
  server.management.hub.remove(wide);
  expect(await use("channelsPerConnectionMax")).toEqual([1, 4, 3, "start"]);
});

test("the usage of sizes is the maximum of the last two minutes, without those that a channel rule allows", async () => {
  publish("news", "x".repeat(90));
  publish("big-news", "x".repeat(5_000));
  expect(await use("eventPayloadBytesMax")).toEqual([90, 100, 90, "start"]);
  server.management.clock.advance(180_000);
  expect(await use("eventPayloadBytesMax")).toEqual([0, 100, 90, "start"]);
});

test("the limits of a channel rule are measured in its channels, and apart from those of the app", async () => {
  publish("big-news", "x".repeat(9_000));
  const { limits } = await server.call("appLimits", { params });
  const payloads = limits.filter(({ limit }) => limit === "eventPayloadBytesMax");
  expect(payloads).toMatchObject([{ pattern: "big-*", used: 9_000, max: 10_000, peak: 9_000 }]);
  const near = { limit: "eventPayloadBytesMax", pattern: "big-*", used: 9_000, max: 10_000 };
  expect((await server.call("board")).apps[0]?.nearLimits).toEqual([near]);
  expect((await server.call("attention")).items).toEqual([
    { kind: "nearLimit", appId: "1", appName: expect.any(String), ...near },
  ]);
});

test("the client events of a channel rule are measured apart, and a removed rule is not reported", async () => {
  const { socketId } = connect("9");
  await server.call("changeApp", {
    params,
    body: { settings: { channelRules: [{ pattern: "private-game-*", clientEventsPerSecondMax: 50 }] } },
  });
  for (let index = 0; index < 20; index++)
    server.activity.emit({
      type: "client_event",
      appId: "1",
      channel: "private-game-7",
      event: "client-move",
      data: "1",
      socketId,
      userId: null,
      sender,
      reached,
    });
  const rates = async () =>
    (await server.call("appLimits", { params })).limits.filter(
      ({ limit }) => limit === "clientEventsPerSecondMax",
    );
  expect(await rates()).toMatchObject([{ pattern: "private-game-*", used: 20, max: 50, peak: 20 }]);
  await server.call("changeApp", { params, body: { settings: { channelRules: [] } } });
  expect(await rates()).toEqual([]);
});

test("rates are measured in their window, and members of presence channels are counted", async () => {
  const request = { type: "api_request", method: "POST", route: "/", status: 200, durationMs: 1 } as const;
  for (let index = 0; index < 3; index++) server.activity.emit({ ...request, appId: "1", failure: null });
  const connection = connect("1");
  for (let index = 0; index < 25; index++)
    server.activity.emit({ type: "message_received", appId: "1", connection, bytes: 1 });
  subscribe(connection, "presence-lobby", 40);
  expect(await use("apiRequestsPerSecondMax")).toEqual([3, 5, 3, "start"]);
  expect(await use("messagesPerSecondMax")).toEqual([3, 100, 3, "start"]);
  expect(await use("presenceMembersMax")).toEqual([40, 100, 40, "start"]);
});

test("the bytes of an app's part and of all apps are reported, and peaks are kept", async () => {
  const budget = new ByteBudget({ perApp: 100, inAll: 1_000 });
  server.limits.addBudget("historyBytes", budget);
  budget.take("1", 90);
  budget.take("2", 100);
  budget.give("2", 100);
  expect(await use("historyBytesPerAppMax")).toEqual([90, 100, null, "start"]);
  const { limits } = await server.call("serverLimits");
  expect(limits).toContainEqual({
    limit: "historyBytesMax",
    used: 90,
    max: 1_000,
    peak: 190,
    peakOver: "start",
    node: null,
  });
});

test("a near limit is on the board and needs attention, highest share first", async () => {
  for (let index = 0; index < 8; index++) connect(String(index));
  publish("news", "x".repeat(95));
  const near = [
    { limit: "eventPayloadBytesMax", used: 95, max: 100 },
    { limit: "connectionsMax", used: 8, max: 10 },
  ];
  expect((await server.call("board")).apps[0]?.nearLimits).toEqual(near);
  const { items } = await server.call("attention");
  expect(items).toMatchObject(near.map((each) => ({ kind: "nearLimit", appId: "1", ...each })));
  server.limits.add(() => ({ limit: "connectionsMax", used: 9, max: 10, peak: 9 }));
  expect((await server.call("attention")).items[0]).toEqual({
    kind: "nearServerLimit",
    node: null,
    limit: "connectionsMax",
    used: 9,
    max: 10,
  });
});
