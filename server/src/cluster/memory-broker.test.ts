import { expect, test } from "bun:test";
import { brokerContract } from "../../test/contract/broker.contract.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { RecordedLine } from "../../test/support/recorded-line.ts";
import { MemoryBroker } from "./memory-broker.ts";

const hourMs = 3_600_000;
const limits = { channelsMax: 100, channelBytesMax: 10_000, bytesMax: 100_000 };
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
  const publish = (channel: string, frame = "frame") => {
    const published = broker.publish("1", channel, { frame, exceptSocketId: null, userId: null }, bounds);
    return published.outcome === "sequenced" ? published.position : null;
  };
  const frames = async (channel: string) =>
    (await broker.history("1", channel, bounds, all)).events.map(({ frame }) => frame);
  return { clock, broker, publish, frames };
}

test("an event is delivered, and its place is known, within the call", () => {
  const { broker } = open();
  const line = new RecordedLine();
  broker.listen(line);
  const event = { frame: "f", exceptSocketId: null, userId: null };
  expect(broker.publish("1", "news", event, null)).toEqual({ outcome: "sequenced", position: null });
  expect(line.frames("news")).toEqual(["f"]);
});

test("a channel that has too many bytes loses its oldest events", async () => {
  const { publish, frames } = open({ channelBytesMax: 1_500 });
  for (const name of ["a", "b", "c"]) publish("news", name.repeat(500));
  expect((await frames("news")).map((frame) => frame[0])).toEqual(["b", "c"]);
  publish("news", "d".repeat(2_000));
  expect(await frames("news")).toEqual([]);
});

test("the channel that was published to longest ago makes room, and begins a new epoch when it returns", async () => {
  const { publish, frames } = open({ channelsMax: 2 });
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

test("all histories together keep their bytes", async () => {
  const { publish, frames } = open({ bytesMax: 2_000 });
  for (const channel of ["a", "b", "c"]) publish(channel, channel.repeat(700));
  expect([await frames("a"), (await frames("c")).length]).toEqual([[], 1]);
});

test("who missed nothing recovers from an idle channel, until its position is forgotten", () => {
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
