import { beforeEach, describe, expect, spyOn, test } from "bun:test";
import { nobody } from "../../test/support/net/from-nowhere.ts";
import {
  type FakeClient,
  heldBytesMax,
  type Stage,
  startProtocol,
} from "../../test/support/protocol-stage.ts";
import { newApp } from "./apps/new-app.ts";

const holdMs = 25;
let stage: Stage;
let client: FakeClient;

beforeEach(async () => {
  stage = startProtocol({ settings: { eventHoldMsMax: holdMs, subscriptionCountEnabled: false } });
  client = await subscriber("news");
});

async function subscriber(channel: string, member?: object): Promise<FakeClient> {
  const one = stage.connect();
  await one.subscribe(channel, member);
  one.received();
  return one;
}

async function publish(data: string, channel = "news", exceptSocketId: string | null = null): Promise<void> {
  await stage.stack.publish.send(
    stage.app(),
    { name: "e", data, channels: [channel], exceptSocketId },
    nobody,
  );
}

/** What the client received since the last call: the data of events, the names of other frames. */
function received(by = client): string[] {
  return by
    .received()
    .map((frame) => frame as { event: string; data: string })
    .map(({ event, data }) => (event === "e" ? String(data) : event));
}

describe("without a hold", () => {
  test("every event is sent immediately and no timer runs", async () => {
    stage.change({ eventHoldMsMax: 0 });
    const after = spyOn(stage.clock, "after");
    for (const data of ["1", "2", "3"]) await publish(data);
    expect(received()).toEqual(["1", "2", "3"]);
    expect(after).not.toHaveBeenCalled();
  });
});

describe("a quiet channel", () => {
  test("sends each event immediately while they are far enough apart", async () => {
    for (const data of ["1", "2", "3"]) {
      await publish(data);
      expect(received()).toEqual([data]);
      stage.clock.advance(holdMs);
    }
  });

  test("leaves no timer running", async () => {
    await publish("1");
    stage.clock.advance(10 * holdMs);
    const after = spyOn(stage.clock, "after");
    stage.clock.advance(10 * holdMs);
    expect(after).not.toHaveBeenCalled();
  });
});

describe("a busy channel", () => {
  test("holds the next events for the rest of the time, then sends them in order", async () => {
    await publish("1");
    stage.clock.advance(10);
    await publish("2");
    await publish("3");
    stage.clock.advance(14);
    expect(received()).toEqual(["1"]);
    stage.clock.advance(1);
    expect(received()).toEqual(["2", "3"]);
    stage.clock.advance(holdMs - 1);
    await publish("4");
    expect(received()).toEqual([]);
    stage.clock.advance(1);
    expect(received()).toEqual(["4"]);
  });

  test("does not hold the event of a quiet channel, and first sends all earlier events", async () => {
    await client.subscribe("sport");
    client.received();
    await publish("1");
    await publish("2");
    await publish("goal", "sport");
    expect(received()).toEqual(["1", "2", "goal"]);
  });

  test("is quiet again after a pause, even if other channels were busy since", async () => {
    await client.subscribe("sport");
    client.received();
    for (const channel of ["news", "sport"])
      for (const data of ["1", "2"]) {
        await publish(`${channel} ${data}`, channel);
        stage.clock.advance(holdMs - 1);
      }
    stage.clock.advance(1);
    received();
    await publish("news 3");
    expect(received()).toEqual(["news 3"]);
  });

  test("sends all waiting events of an app once they exceed the app's limit", async () => {
    await publish("1");
    const long = "é".repeat(heldBytesMax.perApp / 4);
    await publish(long);
    expect(received()).toEqual(["1"]);
    await publish(long);
    expect(received()).toEqual([long, long]);
  });

  test("stops waiting with the next event when the hold is switched off", async () => {
    await publish("1");
    await publish("2");
    stage.change({ eventHoldMsMax: 0 });
    await publish("3");
    expect(received()).toEqual(["1", "2", "3"]);
  });

  test("does not wait after the clock was set back", async () => {
    await publish("1");
    const now = spyOn(stage.clock, "now").mockReturnValue(stage.clock.now() - 3_600_000);
    await publish("2");
    now.mockRestore();
    expect(received()).toEqual(["1", "2"]);
  });

  test("shares one timer with all other channels of all apps", async () => {
    await client.subscribe("sport");
    client.received();
    stage.registry.replace(
      newApp({ id: "2", key: "other", settings: { eventHoldMsMax: 2 * holdMs } }, "somebody", 0),
    );
    const other = stage.connect();
    stage.topics.add("2/news", other.socket);
    const after = spyOn(stage.clock, "after");
    for (const data of ["1", "2"]) {
      await publish(data);
      await publish(data, "sport");
      stage.hub.deliver("2", "news", JSON.stringify({ event: "e", data }));
    }
    expect(after).toHaveBeenCalledTimes(1);
    expect([received(), received(other)]).toEqual([["1", "1"], ["1"]]);
    stage.clock.advance(holdMs);
    expect([received(), received(other)]).toEqual([["2", "2"], ["2"]]);
  });
});

describe("while events wait", () => {
  test("a new subscriber receives no earlier event, and the others do", async () => {
    await publish("1");
    await publish("2");
    const late = stage.connect();
    await late.subscribe("news");
    await publish("3");
    stage.clock.advance(holdMs);
    expect(received(late)).toEqual(["pusher_internal:subscription_succeeded", "3"]);
    expect(received()).toEqual(["1", "2", "3"]);
  });

  test("a client that unsubscribes receives the earlier events", async () => {
    await publish("1");
    await publish("2");
    await client.unsubscribe("news");
    await publish("3");
    stage.clock.advance(holdMs);
    expect(received()).toEqual(["1", "2"]);
  });

  test("member changes keep their order among the events, and no member receives its own", async () => {
    const room = "presence-room";
    const ada = await subscriber(room, { user_id: "ada" });
    await publish("1", room);
    await publish("2", room);
    const bo = stage.connect();
    await bo.subscribe(room, { user_id: "bo" });
    await publish("3", room);
    await bo.disconnect();
    await publish("4", room);
    stage.clock.advance(holdMs);
    const added = "pusher_internal:member_added";
    expect(received(ada)).toEqual(["1", "2", added, "3", "pusher_internal:member_removed", "4"]);
    expect(received(bo)).toEqual(["pusher_internal:subscription_succeeded"]);
  });

  test("a new subscriber of a cache channel receives the last event once, even if it still waits for others", async () => {
    const channel = "cache-news";
    const early = await subscriber(channel);
    for (const data of ["1", "2", "3"]) await publish(data, channel);
    expect(received(early)).toEqual(["1"]);
    const late = stage.connect();
    await late.subscribe(channel);
    await publish("4", channel);
    stage.clock.advance(holdMs);
    expect(received(early)).toEqual(["2", "3", "4"]);
    expect(received(late)).toEqual(["pusher_internal:subscription_succeeded", "3", "4"]);
  });

  test("an excluded connection stays excluded, and may have closed by then", async () => {
    const sender = await subscriber("news");
    const { socketId } = sender.connection;
    await publish("1");
    await publish("2", "news", socketId);
    await publish("3");
    stage.clock.advance(holdMs);
    expect([received(), received(sender)]).toEqual([
      ["1", "2", "3"],
      ["1", "3"],
    ]);
    await publish("4", "news", socketId);
    await publish("5", "news", socketId);
    await sender.disconnect();
    stage.clock.advance(holdMs);
    expect(received()).toEqual(["4", "5"]);
  });

  const answers: [string, object | string, string[]][] = [
    ["pong", { event: "pusher:ping" }, ["pusher:pong"]],
    ["error", "nonsense", ["pusher:error"]],
    [
      "refused subscription",
      { event: "pusher:subscribe", data: { channel: "private-a", auth: "a" } },
      ["pusher:subscription_error", "pusher_internal:subscription_error", "pusher:error"],
    ],
    [
      "subscription to another channel",
      { event: "pusher:subscribe", data: { channel: "sport" } },
      ["pusher_internal:subscription_succeeded"],
    ],
    [
      "cache that has nothing",
      { event: "pusher:subscribe", data: { channel: "cache-a" } },
      ["pusher_internal:subscription_succeeded", "pusher:cache_miss"],
    ],
  ];
  test.each(answers)("a client's %s comes after it", async (_what, message, names) => {
    await publish("1");
    await publish("2");
    await client.send(message);
    expect(received()).toEqual(["1", "2", ...names]);
  });

  test("a client receives them before its sign-in succeeds", async () => {
    await publish("1");
    await publish("2");
    await client.signIn({ id: "ada" });
    expect(received()).toEqual(["1", "2", "pusher:signin_success"]);
  });

  test("a client over its rate receives them before the error", async () => {
    stage.change({ messagesPerSecondMax: 1, channelsPerConnectionMax: 1 });
    await publish("1");
    for (let sent = 0; sent < 12; sent++) client.sendNow({ event: "pusher:pong" });
    await publish("2");
    client.sendNow({ event: "pusher:pong" });
    expect(received()).toEqual(["1", "2", "pusher:error"]);
  });

  test("a client of a deleted app receives them before its connection closes", async () => {
    await publish("1");
    await publish("2");
    stage.registry.remove("1");
    client.sendNow({ event: "pusher:ping" });
    expect(received()).toEqual(["1", "2", "pusher:error"]);
  });

  test("a user whose connections are terminated receives them first", async () => {
    await client.signIn({ id: "ada" });
    client.received();
    await publish("1");
    await publish("2");
    stage.stack.terminateUser(stage.app().id, "ada");
    expect(received()).toEqual(["1", "2", "pusher:error"]);
  });
});
