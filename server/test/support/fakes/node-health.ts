/** The health of an idle node. */
import { noSessions } from "../../../src/core/connections-by-transport.ts";
import type { NodeHealth } from "../../../src/core/ports/nodes.ts";

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
