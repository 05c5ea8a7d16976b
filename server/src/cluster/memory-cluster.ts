/** The cluster interfaces for a single node: all in the memory of this process. */
import type { Clock } from "../core/ports/clock.ts";
import { MemoryBroker } from "./memory-broker.ts";
import type { HistoryLimits } from "./memory-history.ts";
import { MemoryNodes } from "./memory-nodes.ts";
import { MemoryRoster } from "./memory-roster.ts";
import { SingleNodeBus } from "./single-node-bus.ts";

export function createMemoryCluster(clock: Clock, historyLimits: HistoryLimits) {
  const broker = new MemoryBroker(clock, historyLimits);
  return {
    broker,
    roster: new MemoryRoster(broker, clock),
    bus: new SingleNodeBus(),
    nodes: new MemoryNodes(clock),
  };
}
