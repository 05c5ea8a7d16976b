/** Channels with history: offsets, rewind, recovery and refused recovery. */

import { beforeEach, describe, expect, test } from "bun:test";
import { nobody } from "../../test/support/net/from-nowhere.ts";
import { type FakeClient, type Stage, startProtocol } from "../../test/support/protocol-stage.ts";

const succeeded = "pusher_internal:subscription_succeeded";
let stage: Stage;
beforeEach(() => {
  stage = startProtocol({
    settings: {
      channelRules: [
        { pattern: "kept-*", historyEventsMax: 3, historyMs: 60_000 },
        { pattern: "rewound-*", historyEventsMax: 10, rewindEventsMax: 2, rewindMs: 10_000 },
        { pattern: "presence-*", historyEventsMax: 10, presenceGraceMs: 15_000 },
        { pattern: "quiet-*", serverEventsEnabled: false, eventPayloadBytesMax: 20_000 },
        { pattern: "private-chat-*", historyEventsMax: 10, clientEventsKept: true },
      ],
    },
  });
});

async function publish(channel: string, data: string, exceptSocketId: string | null = null): Promise<void> {
  const event = { name: "e", data, channels: [channel], exceptSocketId };
  stage.stack.publish.check(stage.app(), event);
  await stage.stack.publish.send(stage.app(), event, nobody);
}

/** Subscribes as the plugin does. Returns the history notice and the events that followed. */
async function recover(client: FakeClient, channel: string, position: object | null) {
  const data = { channel, ...(position === null ? {} : { recover: position }) };
  await client.send({ event: "pusher:subscribe", data });
  const [answer, ...rest] = client.received() as {
    event: string;
    data: Record<string, unknown>;
    offset?: number;
  }[];
  return { activities: answer?.data, followed: rest.map(({ data, offset }): unknown[] => [data, offset]) };
}

test("only events of a channel with history carry offsets", async () => {
  const client = stage.connect();
  const { activities } = await recover(client, "kept-a", null);
  expect(activities).toMatchObject({ offset: 0, epoch: expect.any(String) });
  await client.subscribe("news");
  await client.subscribe("cache-a");
  client.received();
  await publish("kept-a", "one");
  await publish("news", "two");
  await publish("cache-a", "three");
  expect(client.received()).toEqual([
    { event: "e", channel: "kept-a", data: "one", offset: 1 },
    { event: "e", channel: "news", data: "two" },
    { event: "e", channel: "cache-a", data: "three" },
  ]);
});

describe("recovery", () => {
  /** The position after the first of these events. */
  async function missed(...events: string[]) {
    const { activities } = await recover(stage.connect(), "kept-a", null);
    for (const event of events) await publish("kept-a", event);
    return { epoch: String(activities?.epoch), offset: 0, socket_id: "1.1" };
  }

  test("returns all missed events in order", async () => {
    const position = await missed("1", "2", "3");
    const { activities, followed } = await recover(stage.connect(), "kept-a", { ...position, offset: 1 });
    expect(activities).toMatchObject({ recovered: true, replayed: 2, offset: 3 });
    expect(followed).toEqual([
      [2, 2],
      [3, 3],
    ]);
  });

  test("is reported with the number of events, and a subscription without it is not", async () => {
    const reported = stage.listen("recovered", "recovery_refused");
    const position = await missed("1", "2");
    await recover(stage.connect(), "kept-a", position);
    await recover(stage.connect(), "kept-a", { ...position, epoch: "another" });
    expect(reported).toMatchObject([
      { type: "recovered", replayed: 2 },
      { type: "recovery_refused", reason: "unknown_epoch" },
    ]);
  });

  test("excludes events that excluded the lost connection", async () => {
    const position = await missed();
    await publish("kept-a", "mine", "1.1");
    await publish("kept-a", "theirs");
    const { activities, followed } = await recover(stage.connect(), "kept-a", position);
    expect(activities).toMatchObject({ recovered: true, replayed: 1, offset: 2 });
    expect(followed).toEqual([["theirs", 2]]);
  });

  test.each([
    ["expired", { offset: 0 }],
    ["unknown_epoch", { epoch: "another" }],
    ["unknown_epoch", { offset: 99 }],
    ["unknown_epoch", { offset: Number.MAX_SAFE_INTEGER }],
  ])("is refused as %s with %j, and nothing is replayed", async (reason, change) => {
    const position = await missed("1", "2", "3", "4");
    const { activities, followed } = await recover(stage.connect(), "kept-a", { ...position, ...change });
    expect(activities).toMatchObject({ recovered: false, reason, offset: 4 });
    expect(followed).toEqual([]);
  });

  test("is refused if more events were missed than one recovery returns", async () => {
    stage.change({ channelRules: [{ pattern: "kept-*", historyEventsMax: 1_000 }] });
    const position = await missed(...Array.from({ length: 301 }, (_, index) => `event ${index}`));
    expect((await recover(stage.connect(), "kept-a", position)).activities).toMatchObject({
      reason: "too_many",
    });
    const { activities } = await recover(stage.connect(), "kept-a", { ...position, offset: 1 });
    expect(activities).toMatchObject({ recovered: true, replayed: 300 });
  });

  test("is refused on a channel without history, including a cache channel", async () => {
    const position = { epoch: "any", offset: 0, socket_id: "1.1" };
    for (const channel of ["news", "cache-a"])
      expect((await recover(stage.connect(), channel, position)).activities).toEqual({
        recovered: false,
        reason: "no_history",
      });
  });

  test.each([
    { epoch: 1, offset: 0, socket_id: "1.1" },
    { epoch: "e", offset: -1, socket_id: "1.1" },
    { epoch: "e" },
    "text",
    7,
  ])("an invalid position is answered with an error: %j", async (position) => {
    const client = stage.connect();
    await client.send({ event: "pusher:subscribe", data: { channel: "kept-a", recover: position } });
    expect(client.received()).toMatchObject([
      {
        event: "pusher:error",
        data: { code: null, message: expect.stringContaining("data.recover must be") },
      },
    ]);
    expect(client.connection.subscriptions.size()).toBe(0);
  });
});

test("a stock client receives the rule's latest events right after it is subscribed", async () => {
  for (const event of ["a", "b", "c"]) await publish("rewound-a", event);
  const { activities, followed } = await recover(stage.connect(), "rewound-a", null);
  expect(activities).toMatchObject({ offset: 3 });
  expect(followed).toEqual([
    ["b", 2],
    ["c", 3],
  ]);
  stage.clock.advance(10_001);
  expect((await recover(stage.connect(), "rewound-a", null)).followed).toEqual([]);
});

test("a presence channel's answer contains the members and the position", async () => {
  const client = stage.connect();
  await client.subscribe("presence-a", { user_id: "ada" });
  expect(client.received()).toMatchObject([
    { event: succeeded, data: { presence: { ids: ["ada"] }, epoch: expect.any(String), offset: 0 } },
  ]);
});

test("client events are stored if the rule enables it", async () => {
  const [one, other] = [stage.connect(), stage.connect()];
  for (const client of [one, other]) await client.subscribe("private-chat-a");
  other.received();
  await one.send({ event: "client-hi", channel: "private-chat-a", data: "hello" });
  expect(other.received()).toMatchObject([{ event: "client-hi", data: "hello", offset: 1 }]);
  const { epoch, events } = await stage.stack.readHistory(stage.app(), "private-chat-a", {
    direction: "backwards" as const,
    from: null,
    limit: 10,
  });
  expect(epoch).not.toBeNull();
  expect(events).toMatchObject([
    { name: "client-hi", data: "hello", offset: 1, exceptSocketId: one.connection.socketId },
  ]);
});

test("a rule may forbid backends to publish, and has its own payload limit", async () => {
  expect(publish("quiet-a", "x")).rejects.toThrow("does not allow backends to publish to quiet-a");
  stage.change({ channelRules: [{ pattern: "big-*", eventPayloadBytesMax: 20_000 }] });
  await publish("big-a", "x".repeat(15_000));
  expect(publish("small-a", "x".repeat(15_000))).rejects.toThrow("10240 bytes");
});

describe("presence grace", () => {
  async function two() {
    const [ada, bob] = [stage.connect(), stage.connect()];
    await ada.subscribe("presence-a", { user_id: "ada" });
    await bob.subscribe("presence-a", { user_id: "bob" });
    bob.received();
    return { ada, bob };
  }

  test("a disconnected member is removed when the grace ends", async () => {
    const { ada, bob } = await two();
    await ada.disconnect(1006);
    expect(bob.received()).toEqual([]);
    stage.clock.advance(15_000);
    await bob.settled();
    expect(bob.received()).toMatchObject([
      { event: "pusher_internal:member_removed", data: { user_id: "ada" } },
    ]);
  });

  test("a member who returns within the grace causes no notification", async () => {
    const { ada, bob } = await two();
    await ada.disconnect(1006);
    stage.clock.advance(5_000);
    await stage.connect().subscribe("presence-a", { user_id: "ada" });
    stage.clock.advance(15_000);
    await bob.settled();
    expect(bob.received()).toEqual([]);
  });

  test("a signed-in user stays online as long as it stays a member, for watchers and webhooks too", async () => {
    stage.change({ watchlistEnabled: true });
    const activities = stage.listen("member_removed", "user_offline", "user_online");
    const [watcher, ada] = [stage.connect(), stage.connect()];
    await watcher.signIn({ id: "bob", watchlist: ["ada"] });
    await ada.signIn({ id: "ada" });
    await ada.subscribe("presence-a", { user_id: "ada" });
    watcher.received();
    activities.length = 0;
    await ada.disconnect(1006);
    stage.clock.advance(5_000);
    const again = stage.connect();
    await again.signIn({ id: "ada" });
    await again.subscribe("presence-a", { user_id: "ada" });
    stage.clock.advance(15_000);
    await again.settled();
    expect([watcher.received(), activities]).toEqual([[], []]);

    await again.disconnect(1006);
    stage.clock.advance(14_999);
    expect([watcher.received(), activities]).toEqual([[], []]);
    stage.clock.advance(1);
    await watcher.settled();
    expect(watcher.received()).toMatchObject([
      { data: { events: [{ name: "offline", user_ids: ["ada"] }] } },
    ]);
    expect(activities.map((one) => "type" in one && one.type).sort()).toEqual([
      "member_removed",
      "user_offline",
    ]);
  });

  test("a server that stops removes members before their grace ends, and each once", async () => {
    const activities = stage.listen("member_removed");
    const { ada, bob } = await two();
    await ada.disconnect(1006);
    await stage.stack.endGraces();
    expect(bob.received()).toMatchObject([{ event: "pusher_internal:member_removed" }]);
    stage.clock.advance(15_000);
    await stage.stack.endGraces();
    await bob.settled();
    expect(activities).toHaveLength(1);
  });

  test("the memory of a disconnected member is counted until its grace ends", async () => {
    const ada = stage.connect();
    await ada.signIn({ id: "ada" });
    await ada.subscribe("presence-a", { user_id: "ada" });
    await ada.disconnect(1006);
    expect(ada.connection.keptBytes).toBeGreaterThan(0);
    stage.clock.advance(15_000);
    await ada.settled();
    expect(ada.connection.keptBytes).toBe(0);
  });

  test("a failure when the grace ends is reported", async () => {
    const { ada } = await two();
    const failure = new Error("the engine failed");
    stage.roster.leave = () => Promise.reject(failure);
    await ada.disconnect(1006);
    await stage.stack.endGraces();
    expect(stage.bugs).toEqual([failure]);
  });

  test("a clean close is reported immediately", async () => {
    const { ada, bob } = await two();
    await ada.disconnect(1000);
    expect(bob.received()).toMatchObject([{ event: "pusher_internal:member_removed" }]);
  });
});
