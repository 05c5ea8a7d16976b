import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { fakeConnection } from "../../../test/support/fakes/fake-socket.ts";
import { somebody } from "../../../test/support/management.ts";
import type { Connection } from "../../core/connection.ts";

const params = { appId: "1" };
let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  for (const id of ["1", "2"]) await server.management.addApp(somebody, { id });
});

/** Advances the clock by a second between two steps. */
function wait(): void {
  server.management.clock.advance(1_000);
}

function open(socketId: string, userId: string | null): Connection {
  wait();
  const { connection } = fakeConnection(socketId, "1", server.management.clock.now());
  server.management.hub.add(connection, false);
  if (userId !== null) {
    connection.user = { id: userId, infoJson: null, watchlist: [], secretId: "s", signedInAtMs: 0 };
    server.activity.emit({ type: "signed_in", appId: "1", connection, userId, dataBytes: 12 });
  }
  return connection;
}

function enter(connection: Connection, channel: string, userId: string | null = null): void {
  wait();
  connection.subscriptions.set(channel, { userId, secretId: null, infoBytes: 0 });
  server.activity.emit({ type: "subscribed", appId: "1", connection, channel });
}

function leave(connection: Connection, channel: string): void {
  wait();
  connection.subscriptions.delete(channel);
  server.activity.emit({ type: "unsubscribed", appId: "1", connection, channel });
}

function close(connection: Connection): void {
  wait();
  connection.isClosed = true;
  server.management.hub.remove(connection);
  server.activity.emit({
    type: "connection_closed",
    appId: "1",
    connection,
    memberships: [],
    code: 1001,
    reason: "",
  });
}

function publish(name: string, channels: string[], socketId?: string) {
  wait();
  const excluded = socketId === undefined ? {} : { socketId };
  return server.call("publishEvent", { params, body: { name, channels, data: "d", ...excluded } });
}

async function listed(query: Parameters<typeof server.call<"listPublished">>[1] = {}) {
  return (await server.call("listPublished", { params, ...query })).published;
}

/** The events of the user's channels, oldest first, each with its outcome. */
async function outcomesFor(userId: string) {
  const published = await listed({ query: { userId } });
  return published.reverse().map(({ event, forUser }) => [event, forUser?.outcome, forUser?.sentTo]);
}

test("a publish is listed with its sender and the connections that it was sent to", async () => {
  server.line.recipients = 2;
  expect(await publish("placed", ["orders", "audit"], "9.9")).toEqual({ recipients: 4, isLocal: false });
  expect(await listed()).toMatchObject([
    {
      event: "placed",
      channels: ["orders", "audit"],
      data: null,
      recipients: 4,
      exceptSocketId: "9.9",
      socketId: null,
      isLocal: false,
      forUser: null,
      node: null,
      sender: { address: "192.0.2.1", sdk: "admin API" },
    },
  ]);
});

test("the list is filtered by channel and event, newest first, page by page", async () => {
  for (const name of ["a", "b", "c"]) for (const channel of ["x", "y"]) await publish(name, [channel]);
  const names = async (query: object) =>
    (await listed({ query })).map(({ event, channels }) => `${event}${channels}`);
  expect(await names({ channel: "x" })).toEqual(["cx", "bx", "ax"]);
  expect(await names({ event: "b" })).toEqual(["by", "bx"]);
  const first = await server.call("listPublished", { params, query: { limit: 4 } });
  const cursor = first.nextCursor ?? "";
  expect([first.total, await names({ limit: 4, cursor })]).toEqual([6, ["ay", "ax"]]);
});

test("for a user each event of their channels has the result of its delivery, or the reason why it was not sent", async () => {
  const phone = open("1.1", "ada");
  await publish("early", ["orders"]);
  enter(phone, "orders");
  await publish("received", ["orders"]);
  await publish("own", ["orders"], "1.1");
  await publish("elsewhere", ["stock"]);
  leave(phone, "orders");
  await publish("late", ["orders"]);
  await publish("personal", ["#server-to-user-ada"]);
  close(phone);
  await publish("gone", ["orders"]);
  expect(await outcomesFor("ada")).toEqual([
    ["early", "not_in_channel", []],
    ["received", "sent", ["1.1"]],
    ["own", "excluded", []],
    ["late", "not_in_channel", []],
    ["personal", "sent", ["1.1"]],
    ["gone", "not_connected", []],
  ]);
  expect(await outcomesFor("bob")).toEqual([]);
});

test("a member of a presence channel counts as a user, and one of several connections suffices", async () => {
  const [phone, laptop] = [open("1.1", null), open("1.2", null)];
  enter(phone, "presence-room", "ada");
  enter(laptop, "presence-room", "ada");
  enter(laptop, "orders");
  await publish("e", ["orders"]);
  await publish("f", ["presence-room"], "1.1");
  expect(await outcomesFor("ada")).toEqual([
    ["e", "sent", ["1.2"]],
    ["f", "sent", ["1.2"]],
  ]);
});

test("an event from before the user's records is unknown, and never reported as missed", async () => {
  const phone = open("1.1", "ada");
  enter(phone, "orders");
  await publish("old", ["orders"]);
  const crowd = open("2.2", null);
  for (let count = 0; count < 5_001; count += 1)
    server.activity.emit({ type: "subscribed", appId: "1", connection: crowd, channel: `c${count}` });
  await publish("new", ["orders"]);
  expect(await outcomesFor("ada")).toEqual([
    ["old", "unknown", []],
    ["new", "sent", ["1.1"]],
  ]);
});

test("a user's open and closed connections are listed with their channels", async () => {
  const phone = open("1.1", "ada");
  enter(phone, "orders");
  leave(phone, "orders");
  enter(phone, "stock");
  close(phone);
  const laptop = open("1.2", "ada");
  enter(laptop, "orders");
  const { connections } = await server.call("getUser", { params: { ...params, userId: "ada" } });
  expect(
    connections.map(({ socketId, code, stays }) => ({
      socketId,
      code,
      stays: stays.map(({ channel, until }) => [channel, until !== null]),
    })),
  ).toEqual([
    {
      socketId: "1.2",
      code: null,
      stays: [
        ["#server-to-user-ada", false],
        ["orders", false],
      ],
    },
    {
      socketId: "1.1",
      code: 1001,
      stays: [
        ["orders", true],
        ["#server-to-user-ada", true],
        ["stock", true],
      ],
    },
  ]);
});

test("users are found by the start of their ids, also after a close, in the apps that the caller may see", async () => {
  open("1.1", "ada");
  close(open("1.2", "adam"));
  enter(open("1.3", null), "presence-room", "adele");
  open("1.4", "bob");
  const found = async (token?: string) => {
    const { users } = await server.call("findUsers", { query: { search: "ad" }, ...(token && { token }) });
    return users.map(({ appId, userId }) => `${appId} ${userId}`);
  };
  expect(await found()).toEqual(["1 ada", "1 adam", "1 adele"]);
  expect(await found(await server.token(["app:2"]))).toEqual([]);
});

test("the largest publishers are listed with events and messages per second, by channel and sender", async () => {
  server.line.recipients = 3;
  for (let count = 0; count < 4; count += 1) await publish("placed", ["orders"]);
  await publish("placed", ["orders", "stock"]);
  const { channels, senders, otherChannels } = await server.call("traffic", { params });
  expect(channels).toMatchObject([
    { channel: "orders", in: 5, inPerSecond: 1 },
    { channel: "stock", in: 1, inPerSecond: 0.2 },
  ]);
  expect(senders).toMatchObject([
    { sender: { address: "192.0.2.1", sdk: "admin API" }, in: 5, out: 18, inPerSecond: 1, outPerSecond: 3.6 },
  ]);
  expect(otherChannels).toMatchObject({ in: 0, out: 0 });
  server.management.clock.advance(60_000);
  expect((await server.call("traffic", { params })).channels).toEqual([]);
  const { channels: ofHour } = await server.call("traffic", { params, query: { span: "hour" } });
  expect(ofHour).toMatchObject([{ channel: "orders", in: 5 }, { channel: "stock" }]);
});

test("dropped publishes are reported: the list contains since when it is complete", async () => {
  for (let count = 0; count < 101; count += 1) await publish(`e${count}`, ["orders"]);
  const { published, total, rememberedSince } = await server.call("listPublished", {
    params,
    query: { limit: 100 },
  });
  expect([total, published.at(-1)?.event]).toEqual([100, "e1"]);
  const oldest = published.at(-1)?.at ?? "";
  expect(Date.parse(oldest) - Date.parse(rememberedSince)).toBe(999);
  server.management.clock.advance(3_600_001);
  expect(await listed()).toEqual([]);
});
