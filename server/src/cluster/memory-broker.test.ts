import { expect, test } from "bun:test";
import { brokerContract } from "../../test/contract/broker.contract.ts";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { RecordedLine } from "../../test/support/fakes/recorded-line.ts";
import { MemoryBroker } from "./memory-broker.ts";

const hourMs = 3_600_000;
const limits = { perChannel: 10_000, perApp: 100_000, inAll: 200_000 };
const bounds = { eventsMax: 100, ageMsMax: hourMs };
const all = { direction: "forwards", from: null, limit: 1_000 } as const;

brokerContract("MemoryBroker", () => {
  const clock = new FakeClock();
  return { brokers: [new MemoryBroker(clock, limits)], pass: (byMs) => clock.advance(byMs) };
});

function open(changed: Partial<typeof limits> = {}) {
  const clock = new FakeClock();
  const broker = new MemoryBroker(clock, { ...limits, ...changed });
  broker.listen(new RecordedLine());
  const publish = (channel: string, frame = "frame", appId = "1") => {
    const published = broker.publish(appId, channel, { frame, exceptSocketId: null, userId: null }, bounds);
    return published.outcome === "sequenced" ? published.position : null;
  };
  const frames = async (channel: string, appId = "1") =>
    (await broker.history(appId, channel, bounds, all)).events.map(({ frame }) => frame);
  return { clock, broker, publish, frames };
}

test("publish delivers an event and returns its position within the call", () => {
  const { broker } = open();
  const line = new RecordedLine();
  broker.listen(line);
  const event = { frame: "f", exceptSocketId: null, userId: null };
  expect(broker.publish("1", "news", event, null)).toEqual({
    outcome: "sequenced",
    position: null,
    recipients: 0,
  });
  expect(line.frames("news")).toEqual(["f"]);
});

test("a channel over its byte limit loses its oldest events", async () => {
  const { publish, frames } = open({ perChannel: 1_500 });
  for (const name of ["a", "b", "c"]) publish("news", name.repeat(500));
  expect((await frames("news")).map((frame) => frame[0])).toEqual(["b", "c"]);
  publish("news", "d".repeat(2_000));
  expect(await frames("news")).toEqual([]);
});

test("the channel with the oldest latest event loses its history, and begins a new epoch with its next event", async () => {
  const { publish, frames } = open({ perApp: 1_500 });
  const before = publish("a");
  for (const channel of ["b", "a", "c"]) publish(channel);
  expect([await frames("a"), await frames("b"), await frames("c")]).toEqual([
    ["frame", "frame"],
    [],
    ["frame"],
  ]);
  publish("d");
  const after = publish("a");
  expect(after?.offset).toBe(1);
  expect(after?.epoch).not.toBe(before?.epoch);
});

test("an app over its byte limit loses only its own events", async () => {
  const { publish, frames } = open({ perApp: 4_000 });
  publish("quiet", "frame", "2");
  for (let count = 0; count < 50; count++) publish(`channel-${count}`, "x".repeat(700));
  const kept = await Promise.all([46, 47, 48, 49].map((count) => frames(`channel-${count}`)));
  expect(kept.map(({ length }) => length)).toEqual([0, 1, 1, 1]);
  expect(await frames("quiet", "2")).toEqual(["frame"]);
});

test("over the total byte limit an app loses its own events or stores none", async () => {
  const { publish, frames } = open({ perApp: 2_000, inAll: 3_000 });
  publish("big", "x".repeat(1_400));
  for (const name of ["a", "b", "c"]) publish("small", name.repeat(200), "2");
  expect((await frames("small", "2")).map((frame) => frame[0])).toEqual(["c"]);
  publish("small", "d".repeat(700), "2");
  publish("other", "e".repeat(700), "3");
  expect([await frames("small", "2"), await frames("other", "3")]).toEqual([[], []]);
  expect((await frames("big")).length).toBe(1);
});

test("a channel that stores one event counts the bytes of one event", async () => {
  const { broker, frames } = open({ perApp: 1_600 });
  for (const name of ["a", "b", "c", "d"]) {
    const event = { frame: name.repeat(1_000), exceptSocketId: null, userId: null };
    broker.publish("1", "cache-a", event, { eventsMax: 1, ageMsMax: hourMs });
  }
  expect((await frames("cache-a")).map((frame) => frame[0])).toEqual(["d"]);
});

test("events that are too old use no memory of other apps", async () => {
  const { clock, publish, frames } = open({ perApp: 2_000, inAll: 3_000 });
  publish("old", "x".repeat(1_400));
  publish("new", "y".repeat(1_400), "2");
  expect(await frames("new", "2")).toEqual([]);
  clock.advance(hourMs);
  publish("new", "y".repeat(1_400), "2");
  expect(await frames("new", "2")).toHaveLength(1);
});

test("a client that missed nothing recovers from an idle channel until its position is removed", () => {
  const { clock, broker, publish } = open();
  const position = publish("news");
  if (position === null) throw new Error("The event was not kept");
  const recover = () =>
    broker.joinHistory("1", "news", bounds, { type: "recover", after: position, eventsMax: 10 });
  clock.advance(hourMs - 1);
  expect(recover()).toMatchObject({ outcome: "whole", events: [] });
  clock.advance(1);
  publish("other");
  expect(recover()).toMatchObject({ outcome: "refused", reason: "unknown_epoch" });
});
