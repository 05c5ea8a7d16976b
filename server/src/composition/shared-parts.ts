/** What every stack of this folder shares: the apps, the connections of this node, and the ways to other nodes. */
import type { Config } from "../config/config.ts";
import { ActivityFeed } from "../core/activity.ts";
import type { AppRecord } from "../core/app.ts";
import { AppRegistry } from "../core/app-registry.ts";
import { HeldTopics } from "../core/held-topics.ts";
import { Hub, type Topics } from "../core/hub.ts";
import type { Clock } from "../core/ports/clock.ts";
import { SettingCeilings } from "../core/setting-ceilings.ts";
import type { Cluster } from "./cluster.ts";
import { systemClock as clock } from "./system-clock.ts";

const heldBytesMax = 16 * 1_048_576;

export interface SharedParts extends Pick<Cluster, "broker" | "bus" | "nodes" | "roster" | "claims"> {
  readonly registry: AppRegistry;
  readonly hub: Hub;
  readonly activity: ActivityFeed;
  readonly clock: Clock;
  readonly ceilings: SettingCeilings;
}

/** @param topics those of the port that clients connect to */
export function createSharedParts(
  config: Config,
  topics: Topics,
  { broker, bus, nodes, roster, claims }: Cluster,
  knownApps: readonly AppRecord[],
): SharedParts {
  const ceilings = new SettingCeilings(config.settingCeilings);
  const registry = new AppRegistry(clock, ceilings);
  for (const record of knownApps) registry.replace(record);
  // Sent at once, they must leave a slow reader most of what may wait for it.
  const heldBytes = { perApp: config.backpressureBytesMax / 4, inAll: heldBytesMax };
  return {
    registry,
    hub: new Hub(new HeldTopics(topics, { registry, clock }, heldBytes)),
    activity: new ActivityFeed(),
    clock,
    ceilings,
    ...{ broker, bus, nodes, roster, claims },
  };
}
