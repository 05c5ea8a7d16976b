/** What every stack of this folder shares: the apps, the connections of this node, and the ways to other nodes. */

import { createMemoryCluster } from "../cluster/memory-cluster.ts";
import type { Config } from "../config/config.ts";
import { ActivityFeed } from "../core/activity.ts";
import type { AppRecord } from "../core/app.ts";
import { AppRegistry } from "../core/app-registry.ts";
import { HeldTopics } from "../core/held-topics.ts";
import { Hub, type Topics } from "../core/hub.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { Nodes } from "../core/ports/nodes.ts";
import type { Roster } from "../core/ports/roster.ts";
import { systemClock as clock } from "./system-clock.ts";

const historyLimits = { channelsMax: 100_000, channelBytesMax: 8 * 1_048_576, bytesMax: 128 * 1_048_576 };
const heldBytesMax = 16 * 1_048_576;

export interface SharedParts {
  readonly registry: AppRegistry;
  readonly hub: Hub;
  readonly activity: ActivityFeed;
  readonly clock: Clock;
  readonly broker: Broker;
  readonly bus: ClusterBus;
  readonly nodes: Nodes;
  readonly roster: Roster;
}

/** @param topics those of the port that clients connect to */
export function createSharedParts(
  config: Config,
  topics: Topics,
  knownApps: readonly AppRecord[],
): SharedParts {
  const registry = new AppRegistry(clock);
  for (const record of knownApps) registry.replace(record);
  // Sent at once, they must leave a slow reader most of what may wait for it.
  const heldBytes = { perApp: config.backpressureBytesMax / 4, inAll: heldBytesMax };
  return {
    registry,
    hub: new Hub(new HeldTopics(topics, { registry, clock }, heldBytes)),
    activity: new ActivityFeed(),
    clock,
    ...createMemoryCluster(clock, historyLimits),
  };
}
