import { beforeEach, describe, expect, test } from "bun:test";
import { nobody } from "../../test/support/net/from-nowhere.ts";
import { type FakeClient, type Stage, startProtocol } from "../../test/support/protocol-stage.ts";
import type { Published } from "../core/ports/broker.ts";
import { HttpError } from "../protocol/errors.ts";
import { type PublishedEvent, reachedBy } from "./publish.ts";

const event: PublishedEvent = { name: "e", data: "d", channels: ["news"], exceptSocketId: null };
let stage: Stage;
let client: FakeClient;

beforeEach(() => {
  stage = startProtocol({
    settings: {
      eventPayloadBytesMax: 10,
      eventNameLengthMax: 5,
      channelsPerEventMax: 2,
      channelNameLengthMax: 20,
    },
  });
  client = stage.connect();
});

async function publish(changed: Partial<PublishedEvent>): Promise<void> {
  stage.stack.publish.check(stage.app(), { ...event, ...changed });
  await stage.stack.publish.send(stage.app(), { ...event, ...changed }, nobody);
}

test("an event reaches every subscriber of each channel except the excluded one", async () => {
  const other = stage.connect();
  for (const one of [client, other]) {
    await one.subscribe("news");
    one.received();
  }
  await other.subscribe("sport");
  other.received();
  const activities = stage.listen("delivered", "event_published");
  const exceptSocketId = client.connection.socketId;
  await publish({ channels: ["news", "sport"], exceptSocketId });
  expect([client.received(), other.received()]).toEqual([
    [],
    [
      { event: "e", channel: "news", data: "d" },
      { event: "e", channel: "sport", data: "d" },
    ],
  ]);
  expect(activities.map((one) => "type" in one && one.type)).toEqual([
    "delivered",
    "delivered",
    "event_published",
  ]);
});

test("the bytes of a delivery are those of its frame in UTF-8", async () => {
  await client.subscribe("news");
  client.received();
  const activities = stage.listen("delivered");
  await publish({ data: "€€€" });
  const [frame = ""] = client.socket.frames;
  expect(frame).toContain("€€€");
  expect(activities).toMatchObject([{ frameBytes: Buffer.byteLength(frame) }]);
});

test("data of the maximum bytes is accepted, and of one byte more refused", async () => {
  await expect(publish({ data: "é".repeat(5) })).resolves.toBeUndefined();
  await expect(publish({ data: `${"é".repeat(5)}x` })).rejects.toMatchObject({ status: 413 });
});

test("a name of the maximum length is accepted", async () => {
  await expect(publish({ name: "fifth" })).resolves.toBeUndefined();
});

test.each(["pusher:e", "pusher_internal:e", "client-e"])("the reserved name %s is refused", (name) => {
  stage.change({ eventNameLengthMax: 200 });
  expect(publish({ name })).rejects.toThrow("Event names must not start with");
});

test("an event is reported once, when the engine has ordered it in all its channels", async () => {
  const reported = stage.listen("event_published");
  const slow = Promise.withResolvers<Published>();
  const sequenced = (recipients: number): Published => ({
    outcome: "sequenced",
    position: null,
    recipients,
  });
  stage.broker.publish = (_appId, channel) => (channel === "slow" ? slow.promise : sequenced(2));
  const sent = stage.stack.publish.send(stage.app(), { ...event, channels: ["slow", "news"] }, nobody);
  expect(reported).toEqual([]);
  slow.resolve(sequenced(3));
  expect(await sent).toEqual({ recipients: 5, isLocal: false });
  expect(reported).toMatchObject([{ event: "e", reached: { recipients: 5, isLocal: false } }]);
  const now = stage.stack.publish.send(stage.app(), { ...event, channels: ["a", "b"] }, nobody);
  expect(now).toEqual({ recipients: 4, isLocal: false });
});

test("an event that only this node delivered on a channel is local, and its recipients may be unknown", () => {
  const sequenced = { outcome: "sequenced", position: null } as const;
  const known: Published = { ...sequenced, recipients: 1 };
  const unknown: Published = { ...sequenced, recipients: null };
  const local: Published = { outcome: "local", recipients: 2 };
  expect(reachedBy([])).toEqual({ recipients: 0, isLocal: false });
  expect(reachedBy([known, local, known])).toEqual({ recipients: 4, isLocal: true });
  expect(reachedBy([unknown, known])).toEqual({ recipients: null, isLocal: false });
  expect(reachedBy([known, unknown])).toEqual({ recipients: null, isLocal: false });
});

test("an event to a server-to-user channel reaches only that user", async () => {
  await client.signIn({ id: "ada" });
  await client.send({ event: "pusher:subscribe", data: { channel: "#server-to-user-ada" } });
  client.received();
  await publish({ channels: ["#server-to-user-ada"] });
  expect(client.received()).toEqual([{ event: "e", channel: "#server-to-user-ada", data: "d" }]);
});

const refused: [string, Partial<PublishedEvent>, number][] = [
  ["no name", { name: "" }, 400],
  ["too long a name", { name: "longer" }, 400],
  ["a name of the protocol", { name: "pusher:e" }, 400],
  ["an internal name", { name: "pusher_internal:e" }, 400],
  ["a client's name", { name: "client-e" }, 400],
  ["no channel", { channels: [] }, 400],
  ["too many channels", { channels: ["a", "b", "c"] }, 400],
  ["a channel that is none", { channels: ["a", "b c"] }, 400],
  ["too long a channel", { channels: ["x".repeat(21)] }, 400],
  ["the prefix of users' channels alone", { channels: ["#server-to-user-"] }, 400],
  ["a socket id of letters", { exceptSocketId: "a.b" }, 400],
  ["too much data, counted in bytes", { data: "é".repeat(6) }, 413],
];

describe("an event is refused with", () => {
  test.each(refused)("%s", (_what, changed, status) => {
    expect(statusOf(() => stage.stack.publish.check(stage.app(), { ...event, ...changed }))).toBe(status);
  });
});

test.each([
  ["b c", '"b c"'],
  ["x".repeat(20), null],
  ["x".repeat(21), `"${"x".repeat(20)}…"`],
])("the refusal of the channel %s shows where the name is cut", (channel, shown) => {
  const check = () => stage.stack.publish.check(stage.app(), { ...event, channels: [channel] });
  if (shown === null) expect(check).not.toThrow();
  else expect(check).toThrow(`Invalid channel name ${shown}: use 1 to 20 characters`);
});

function statusOf(work: () => void): number {
  try {
    work();
    return 200;
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
}

describe("a cache channel", () => {
  test("sends its last event to a new subscriber, after subscription_succeeded", async () => {
    for (const data of ["old", "new"]) await publish({ channels: ["cache-a"], data });
    await client.subscribe("cache-a");
    expect(client.received()).toMatchObject([
      { event: "pusher_internal:subscription_succeeded" },
      { event: "e", channel: "cache-a", data: "new" },
    ]);
  });

  test("sends cache_miss without an event, and notifies webhooks once until it has one or is vacated", async () => {
    const activities = stage.listen("cache_miss");
    const other = stage.connect();
    for (const one of [client, other]) await one.subscribe("cache-a");
    expect(other.received()[1]).toEqual({ event: "pusher:cache_miss", channel: "cache-a", data: {} });
    expect(activities).toEqual([{ type: "cache_miss", appId: "1", channel: "cache-a" }]);
    for (const one of [client, other]) await one.unsubscribe("cache-a");
    await client.subscribe("cache-a");
    expect(activities).toHaveLength(2);
  });

  test("stores an event before it delivers it, so that a new subscriber does not miss it", async () => {
    await client.subscribe("cache-a");
    const late = stage.connect();
    stage.activity.on("delivered", () => late.sendNow(late.subscription("cache-a")));
    await publish({ channels: ["cache-a"] });
    expect(late.received()).toMatchObject([
      { event: "pusher_internal:subscription_succeeded" },
      { event: "e" },
    ]);
  });

  test("removes its event when it expires", async () => {
    stage.change({ cacheTtlMs: 1_000 });
    await publish({ channels: ["cache-a"] });
    stage.clock.advance(1_000);
    await client.subscribe("cache-a");
    expect(client.received()[1]).toMatchObject({ event: "pusher:cache_miss" });
  });
});
