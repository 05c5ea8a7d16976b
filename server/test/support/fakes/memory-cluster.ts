/** The ports of a single node for tests, and a function to join a channel without a connection. */
import { createMemoryCluster } from "../../../src/cluster/memory-cluster.ts";
import type { Clock } from "../../../src/core/ports/clock.ts";
import type { JoinRequest, Roster } from "../../../src/core/ports/roster.ts";

const historyLimits = { perChannel: 100_000, perApp: 1_000_000, inAll: 2_000_000 };

export function memoryCluster(clock: Clock) {
  return createMemoryCluster(clock, historyLimits);
}

/** Joins a channel of app 1, as the member if one is given. */
export async function enter(
  roster: Roster,
  channel: string,
  member: JoinRequest["member"] = null,
): Promise<void> {
  const rest = { membersMax: 1_000, isCountPublished: false, bounds: null, catchUp: null };
  await roster.join({ appId: "1", channel, member, ...rest }, () => undefined);
}
