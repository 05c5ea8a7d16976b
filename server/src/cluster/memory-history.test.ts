import {
  channelBytesMax,
  historyContract,
  listening,
  shortMs,
} from "../../test/contract/history.contract.ts";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { MemoryBroker } from "./memory-broker.ts";
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
