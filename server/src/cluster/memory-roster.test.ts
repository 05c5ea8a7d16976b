import { expect, test } from "bun:test";
import { rosterContract } from "../../test/contract/roster.contract.ts";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { RecordedLine } from "../../test/support/fakes/recorded-line.ts";
import { subscriptionCountPace } from "../core/ports/roster.ts";
import { MemoryBroker } from "./memory-broker.ts";
import { MemoryRoster } from "./memory-roster.ts";

function open() {
  const clock = new FakeClock();
  const broker = new MemoryBroker(clock, { perChannel: 10_000, perApp: 100_000, inAll: 200_000 });
  return { clock, broker, roster: new MemoryRoster(broker, clock) };
}

rosterContract("MemoryRoster", () => [open()]);

test("a large channel sends its newest count at most once in an interval", () => {
  const { clock, broker, roster } = open();
  const line = new RecordedLine();
  broker.listen(line);
  const request = { appId: "1", channel: "news", isCountPublished: true };
  const join = () =>
    roster.join({ ...request, member: null, membersMax: 1, bounds: null, catchUp: null }, () => undefined);
  for (let index = 0; index < subscriptionCountPace.largeFrom + 1; index++) join();
  line.received.length = 0;
  for (let index = 0; index < 3; index++) join();
  expect(line.received).toEqual([]);
  clock.advance(subscriptionCountPace.largeIntervalMs);
  expect(line.received.map(({ value }) => value)).toEqual([104]);
  clock.advance(subscriptionCountPace.largeIntervalMs);
  roster.leave({ ...request, userId: null });
  expect(line.received.map(({ value }) => value)).toEqual([104, 103]);
});

test("a join reports its changes and entries within the call, in the order of the line", () => {
  const { broker, roster } = open();
  const order: string[] = [];
  const line = new RecordedLine();
  broker.listen(line);
  roster.onChange(({ type }) => order.push(type));
  const member = { userId: "ada", infoJson: null };
  const request = { appId: "1", channel: "presence-a", isCountPublished: false };
  roster.join({ ...request, member, membersMax: 1, bounds: null, catchUp: null }, () => {
    order.push("entered");
  });
  roster.leave({ ...request, userId: "ada" });
  expect(order).toEqual(["channel_occupied", "member_added", "entered", "member_removed", "channel_vacated"]);
  expect(line.received.map(({ what }) => what)).toEqual(["added", "removed"]);
});
