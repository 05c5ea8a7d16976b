/** The health and the report of an idle node. */
import { noSessions } from "../../../src/core/connections-by-transport.ts";
import type { NodeHealth, NodeReport } from "../../../src/core/ports/nodes.ts";

export const nodeHealth: NodeHealth = {
  cpuShare: 0.1,
  eventLoopLagMs: 1,
  residentBytes: 1_000,
  heapUsedBytes: 500,
  engineRoundTripMs: 0.5,
  database: { kind: "sqlite", isReachable: true, problem: null, latencyMs: 1 },
  drops: { slowReaders: 0 },
  sessions: noSessions,
};

export function nodeReport(name = "a"): NodeReport {
  return {
    name,
    hostname: "here",
    version: "1.2.3",
    startedAtMs: 0,
    isDraining: false,
    connections: new Map(),
    unauthorized: new Map(),
    messagesLastMinute: new Map(),
    health: nodeHealth,
  };
}
