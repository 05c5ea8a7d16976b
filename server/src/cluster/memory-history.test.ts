import { expect, test } from "bun:test";
import {
  channelBytesMax,
  historyContract,
  listening,
  shortMs,
} from "../../test/contract/history.contract.ts";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { MemoryBroker } from "./memory-broker.ts";
import { MemoryHistory } from "./memory-history.ts";
import { MemoryRoster } from "./memory-roster.ts";

historyContract(
  "a node that is alone",
  () => {
    const clock = new FakeClock();
    const start = () => {
      const broker = new MemoryBroker(clock, { perChannel: channelBytesMax, perApp: 15_000, inAll: 20_000 });
      return listening({ broker, roster: new MemoryRoster(broker, clock) });
    };
    let node = start();
    return {
      get nodes(): [typeof node] {
        return [node];
      },
      pass: () => clock.advance(shortMs),
      lose: () => {
        node = start();
      },
      losePart: () => clock.advance(1),
    };
  },
  300,
);

test.each([
  ["ASCII texts", "a", null, 2],
  ["texts of which one character takes two bytes", "ж", null, 1],
  ["events of a user with a long id", "a", "u".repeat(3_000), 1],
])("the bytes of a channel equal the memory of its strings: %s", (_, last, userId, kept) => {
  const history = new MemoryHistory(new FakeClock(), { perChannel: 10_000, perApp: 20_000, inAll: 20_000 });
  const bounds = { eventsMax: 10, ageMsMax: 60_000 };
  const event = { frame: "a".repeat(4_000) + last, exceptSocketId: null, userId };
  history.append("1", "news", event, bounds);
  history.append("1", "news", event, bounds);
  expect(
    history.read("1", "news", bounds, { direction: "backwards", from: null, limit: 10 }).events,
  ).toHaveLength(kept);
  expect(history.droppedForRoom).toBe(2 - kept);
});
