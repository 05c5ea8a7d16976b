import { beforeEach, expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { ActivityFeed } from "../core/activity.ts";
import { PublishRates } from "./publish-rates.ts";

let clock: FakeClock;
let activity: ActivityFeed;
let rates: PublishRates;
const app = { id: "1", createdAtMs: 0 };

beforeEach(() => {
  clock = new FakeClock();
  activity = new ActivityFeed();
  rates = new PublishRates(activity, clock);
});

function publish(channel: string, address = "10.0.0.4", recipients: number | null = 2, appId = "1"): void {
  const frameBytes = 10;
  if (recipients !== null && recipients > 0)
    activity.emit({ type: "delivered", appId, channel, deliveries: recipients, frameBytes });
  activity.emit({
    type: "event_published",
    appId,
    channels: [channel],
    event: "e",
    data: "d",
    exceptSocketId: null,
    sender: { address, sdk: "php 7.2" },
    reached: { recipients, isLocal: false },
  });
}

function sendClientEvent(channel: string, address: string): void {
  activity.emit({
    type: "client_event",
    appId: "1",
    channel,
    event: "e",
    data: "d",
    socketId: "1.1",
    userId: null,
    sender: { address, sdk: null },
    reached: { recipients: 1, isLocal: false },
  });
}

function listed(span: "live" | "hour") {
  const { channels, senders } = rates.of(app, span);
  return {
    channels: channels.map(({ channel, in: into, out }) => `${channel} ${into} ${out}`),
    senders: senders.map(({ address, sdk, in: into, out }) => `${address} ${sdk} ${into} ${out}`),
  };
}

test("channels and senders are counted, largest first, for backends and clients", () => {
  publish("orders", "10.0.0.4", 5);
  publish("stock", "10.0.0.5", 1);
  publish("orders", "10.0.0.4", 5);
  sendClientEvent("private-chat", "192.0.2.1");
  publish("other-app", "10.0.0.6", 9, "2");
  const counted = {
    channels: ["orders 2 10", "stock 1 1", "private-chat 1 0"],
    senders: ["10.0.0.4 php 7.2 2 10", "10.0.0.5 php 7.2 1 1", "192.0.2.1 null 1 1"],
  };
  expect(listed("live")).toEqual(counted);
  expect(listed("hour")).toEqual(counted);
});

test("the live counts cover 10 to 20 seconds, the others an hour", () => {
  publish("orders");
  clock.advance(10_000);
  publish("orders");
  expect(listed("live").channels).toEqual(["orders 2 4"]);
  clock.advance(10_000);
  expect(listed("live").channels).toEqual(["orders 1 2"]);
  expect(rates.of(app, "live").coveredMs).toBe(10_000);
  clock.advance(40_000);
  expect(listed("live").channels).toEqual([]);
  expect(listed("hour").channels).toEqual(["orders 2 4"]);
  clock.advance(59 * 60_000);
  publish("stock");
  expect(listed("hour").channels).toEqual(["orders 2 4", "stock 1 2"]);
  expect(rates.of(app, "hour").coveredMs).toBe(60 * 60_000);
  clock.advance(5 * 60_000);
  expect(listed("hour").channels).toEqual(["stock 1 2"]);
});

test("messages sent by other nodes are marked as unknown", () => {
  publish("orders", "10.0.0.4", null);
  publish("orders", "10.0.0.5", 0);
  const { senders } = rates.of(app, "live");
  expect(senders).toMatchObject([
    { address: "10.0.0.4", in: 1, out: 0, isOutPartial: true },
    { address: "10.0.0.5", in: 1, out: 0, isOutPartial: false },
  ]);
});

test("the number of names is limited: the largest stay, and the others are counted together", () => {
  for (let slot = 0; slot < 20; slot++) {
    for (let index = 0; index < 1_000; index++) {
      publish(`room-${slot}-${index}`, `client-${slot}-${index}`, 0);
      if (index % 10 === 0) publish("orders", "10.0.0.4", 0);
    }
    clock.advance(10_000);
  }
  const { channels, senders, otherChannels, otherSenders } = rates.of(app, "hour");
  for (const [list, others] of [
    [channels, otherChannels],
    [senders, otherSenders],
  ] as const) {
    expect(list).toHaveLength(100);
    expect(list[0]?.in).toBe(2_000);
    expect(list.reduce((sum, one) => sum + one.in, others.in)).toBe(22_000);
  }
  expect(channels[0]?.channel).toBe("orders");
});

test("an app with long names uses only its own bytes, and releases them", () => {
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 300; index++) {
      publish(`${index}-${"c".repeat(3_000)}`, "10.0.0.4", 0);
      clock.advance(1);
    }
    const { channels, otherChannels } = rates.of(app, "live");
    expect(channels.length).toBeLessThan(200);
    expect(channels.reduce((sum, one) => sum + one.in, otherChannels.in)).toBe(300);
    publish("orders", "10.0.0.4", 0, "2");
    expect(rates.of({ id: "2", createdAtMs: 0 }, "live").channels).toMatchObject([{ channel: "orders" }]);
    clock.advance(2 * 3_600_000);
    expect(listed("hour")).toEqual({ channels: [], senders: [] });
  }
});

test("a new app does not show the counts of a deleted one with its id", () => {
  publish("orders");
  clock.advance(1);
  const again = { id: "1", createdAtMs: clock.now() };
  expect(rates.of(again, "hour").channels).toEqual([]);
  publish("stock");
  expect(rates.of(again, "hour").channels).toMatchObject([{ channel: "stock", in: 1 }]);
});
