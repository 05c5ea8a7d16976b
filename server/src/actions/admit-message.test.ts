import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type FakeClient,
  type Stage,
  startProtocol,
  waitingBytesMax,
} from "../../test/support/protocol-stage.ts";
import { bytesOfWaiting } from "../core/limits/connection-memory.ts";
import type { Joined, JoinRequest } from "../core/ports/roster.ts";

const succeeded = "pusher_internal:subscription_succeeded";

function names(count: number, prefix = "channel"): string[] {
  return Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
}

function unsubscription(channel: string): object {
  return { event: "pusher:unsubscribe", data: { channel } };
}

function count(client: FakeClient, event: string): number {
  return client.received().filter((frame) => "event" in frame && frame.event === event).length;
}

describe("a client that reconnects and subscribes to all its channels at once", () => {
  test("is subscribed to all of them, up to the maximum of a connection", () => {
    const client = startProtocol({ settings: { channelsPerConnectionMax: 5_000 } }).connect();
    for (const channel of names(5_000)) client.sendNow(client.subscription(channel));
    expect([count(client, succeeded), client.socket.closed]).toEqual([5_000, null]);
  });

  test("is subscribed up to the maximum, is refused the others, and stays connected", () => {
    const client = startProtocol().connect();
    for (const channel of names(1_500)) client.sendNow(client.subscription(channel));
    const { subscriptions } = client.connection;
    expect([subscriptions.size(), client.socket.closed]).toEqual([1_000, null]);
    expect(count(client, "pusher:subscription_error")).toBe(500);
  });

  test("is subscribed up to the maximum even if some of its messages are dropped", () => {
    const client = startProtocol().connect();
    for (const channel of names(20_000)) client.sendNow(client.subscription(channel));
    expect([client.connection.subscriptions.size(), client.socket.closed]).toEqual([1_000, null]);
  });

  test("may replace all its channels by others in one burst", () => {
    const client = startProtocol().connect();
    for (const channel of names(500)) client.sendNow(client.subscription(channel));
    for (const channel of names(500)) client.sendNow(unsubscription(channel));
    for (const channel of names(500, "other")) client.sendNow(client.subscription(channel));
    expect([count(client, succeeded), client.connection.subscriptions.size()]).toEqual([1_000, 500]);
  });
});

describe("a client over its message rate", () => {
  const settings = { messagesPerSecondMax: 1, channelsPerConnectionMax: 5 };

  function pings(client: FakeClient, times: number): void {
    for (let sent = 0; sent < times; sent++) client.sendNow({ event: "pusher:ping" });
  }

  test("stays connected, is answered up to the limit, and receives one error a second with the count of dropped messages", () => {
    const stage = startProtocol({ settings });
    const activities = stage.listen("message_refused");
    const client = stage.connect();
    pings(client, 120);
    const error = (unread: number) => ({
      code: null,
      message: `Too many messages: a connection may send 1 per second, in bursts of up to 20. Dropped: ${unread}`,
    });
    expect(client.received().slice(19)).toEqual([
      { event: "pusher:pong", data: {} },
      { event: "pusher:error", data: error(1) },
    ]);
    stage.clock.advance(1_000);
    pings(client, 2);
    expect(client.received()).toEqual([
      { event: "pusher:pong", data: {} },
      { event: "pusher:error", data: error(100) },
    ]);
    expect([client.socket.closed, activities.length]).toEqual([null, 2]);
  });

  test("is not limited if the app has no limit, and does not limit another connection", () => {
    const stage = startProtocol({ settings });
    const [one, other] = [stage.connect(), stage.connect()];
    pings(one, 50);
    pings(other, 20);
    expect([count(one, "pusher:pong"), count(other, "pusher:pong")]).toEqual([20, 20]);
    stage.change({ messagesPerSecondMax: 0 });
    pings(one, 5_000);
    expect(count(one, "pusher:pong")).toBe(5_000);
  });
});

/** A join waits until the test releases it, as with a slow engine. */
function holdJoins(stage: Stage): () => void {
  const gate = Promise.withResolvers<void>();
  const join = stage.roster.join.bind(stage.roster);
  stage.roster.join = (request: JoinRequest, entered: (joined: Joined) => void) =>
    gate.promise.then(() => join(request, entered));
  return gate.resolve;
}

describe("behind a slow engine", () => {
  /** Fills the queue of one connection. */
  const long = JSON.stringify({ event: "pusher:ping", data: "x".repeat(10_000) });
  const longBytes = bytesOfWaiting(long);

  test("messages beyond the waiting bytes of an app or of all apps are dropped", async () => {
    const stage = startProtocol({ settings: { messagesPerSecondMax: 0 } });
    const letGo = holdJoins(stage);
    const clients = [stage.connect(), stage.connect(), stage.connect()];
    for (const client of clients) client.sendNow(client.subscription("news"));
    for (const client of clients) for (let sent = 0; sent < 5; sent++) client.sendNow(long);
    const waiting = clients.map(({ connection }) => connection.waitingBytes);
    const fit = Math.floor(waitingBytesMax.perApp / longBytes);
    expect(waiting.reduce((sum, bytes) => sum + bytes)).toBe(fit * longBytes);
    expect(clients[2]?.received()).toEqual([
      {
        event: "pusher:error",
        data: { code: null, message: "Too many messages of the connection are waiting. Dropped: 1" },
      },
    ]);
    letGo();
    for (const client of clients) await client.settled();
    const pongs = clients.map((client) => count(client, "pusher:pong"));
    expect(pongs.reduce((sum, one) => sum + one)).toBe(fit);
    expect(clients.map(({ connection }) => connection.waitingBytes)).toEqual([0, 0, 0]);
    clients[0]?.sendNow(long);
    expect(clients[0]?.received()).toHaveLength(1);
  });

  test("as many messages may wait again once the earlier ones are handled", async () => {
    const stage = startProtocol({ settings: { messagesPerSecondMax: 0 } });
    const letGo = holdJoins(stage);
    const [one, other] = [stage.connect(), stage.connect()];
    const fill = (client: FakeClient) => {
      client.sendNow(client.subscription("news"));
      for (let sent = 0; sent < 20; sent++) client.sendNow(long);
      return client.connection.waitingBytes;
    };
    const filled = fill(one);
    letGo();
    await one.settled();
    expect(fill(other)).toBe(filled);
  });

  test("a connection may fill its bytes exactly", () => {
    const stage = startProtocol({
      settings: { channelsPerConnectionMax: 1 },
      waitingBytesMax: { perApp: 10_000_000, inAll: 10_000_000 },
    });
    holdJoins(stage);
    const client = stage.connect();
    client.sendNow(client.subscription("news"));
    const bytesMax = 1_048_576 + 2_048;
    const fits = "x".repeat(bytesMax - bytesOfWaiting(""));
    client.sendNow(`${fits}x`);
    expect(client.connection.waitingBytes).toBe(0);
    client.sendNow(fits);
    expect(client.connection.waitingBytes).toBe(bytesMax);
  });

  test.each([
    ["short messages", "{}", 200],
    ["messages with one character of two bytes", `${long.slice(0, -2)}ж"}`, 20_000],
  ])("%s are counted with their size in memory", (_, message, bytesMin) => {
    const stage = startProtocol();
    holdJoins(stage);
    const client = stage.connect();
    client.sendNow(client.subscription("news"));
    client.sendNow(message);
    expect(client.connection.waitingBytes).toBeGreaterThan(bytesMin);
  });

  test("one connection has a part of an app's bytes, which grows with its allowed channels", () => {
    const stage = startProtocol({
      settings: { messagesPerSecondMax: 0, channelsPerConnectionMax: 1 },
      waitingBytesMax: { perApp: 10_000_000, inAll: 10_000_000 },
    });
    holdJoins(stage);
    const fill = () => {
      const client = stage.connect();
      client.sendNow(client.subscription("news"));
      for (let sent = 0; sent < 500; sent++) client.sendNow(long);
      return client.connection.waitingBytes;
    };
    expect(fill()).toBe(Math.floor((1_048_576 + 2_048) / longBytes) * longBytes);
    stage.change({ channelsPerConnectionMax: 1_000 });
    expect(fill()).toBe(Math.floor((1_048_576 + 2_048_000) / longBytes) * longBytes);
  });
});

test("a client that does not read its answers is not closed, and continues once it has read them", () => {
  const client = startProtocol().connect();
  client.socket.unsentBytes = 100_000;
  for (const channel of names(3)) client.sendNow(client.subscription(channel));
  expect(client.received()).toEqual([]);
  client.socket.unsentBytes = 0;
  client.connection.runWaiting();
  expect(count(client, succeeded)).toBe(3);
});

const turns = fc.array(
  fc.record({
    verb: fc.constantFrom("subscribe", "unsubscribe", "ping", "let go", "read", "close"),
    channel: fc.nat(3),
    times: fc.integer({ min: 1, max: 200 }),
  }),
  { maxLength: 40 },
);

test("for any messages and any end of a connection, its queue drains and all counts return to zero", async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (played) => {
      const stage = startProtocol({ settings: { channelsPerConnectionMax: 2 } });
      const letGo = holdJoins(stage);
      const client = stage.connect();
      const { connection, socket } = client;
      let closing: Promise<void> | null = null;
      for (const { verb, channel, times } of played) {
        const name = `presence-${channel}`;
        if (verb === "let go") letGo();
        else if (verb === "close") closing ??= client.disconnect();
        else if (verb === "read") {
          socket.unsentBytes = socket.unsentBytes === 0 ? 100_000 : 0;
          connection.runWaiting();
        } else if (verb === "ping") {
          for (let sent = 0; sent < times; sent++) client.sendNow({ event: "pusher:ping" });
        } else if (verb === "subscribe") {
          for (let sent = 0; sent < times; sent++) client.sendNow(client.subscription(name, { user_id: 1 }));
        } else for (let sent = 0; sent < times; sent++) client.sendNow(unsubscription(name));
        expect(connection.waitingBytes).toBeLessThanOrEqual(waitingBytesMax.perApp);
        expect(connection.subscriptions.size()).toBeLessThanOrEqual(2);
      }
      letGo();
      await (closing ?? client.disconnect());
      await client.settled();
      expect([connection.waitingBytes, connection.subscriptions.size(), stage.hub.connectionCount]).toEqual([
        0, 0, 0,
      ]);
      expect([(await stage.roster.channels("1", "")).size, stage.topics.names, stage.bugs]).toEqual([
        0,
        [],
        [],
      ]);
    }),
  );
});
