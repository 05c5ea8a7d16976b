/** The parts that all stacks of this folder share: apps, connections of this node, and cluster suppliers. */
import type { Config } from "../config/config.ts";
import { ActivityFeed } from "../core/activity.ts";
import type { AppRecord } from "../core/apps/app.ts";
import { AppRegistry } from "../core/apps/app-registry.ts";
import { SecretUsers } from "../core/apps/secret-users.ts";
import { SettingCeilings } from "../core/apps/setting-ceilings.ts";
import { HeldTopics } from "../core/held-topics.ts";
import { Hub } from "../core/hub.ts";
import { LimitSources } from "../core/limits/limit-sources.ts";
import { NodeTopics, type RuntimeTopics } from "../core/node-topics.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Cluster } from "./cluster.ts";
import { systemClock as clock } from "./system-clock.ts";

const heldBytesMax = 16 * 1_048_576;

export interface SharedParts
  extends Pick<Cluster, "broker" | "bus" | "nodes" | "roster" | "claims" | "sessions" | "figures"> {
  readonly registry: AppRegistry;
  readonly hub: Hub;
  readonly activity: ActivityFeed;
  readonly clock: Clock;
  readonly secretUsers: SecretUsers;
  readonly ceilings: SettingCeilings;
  readonly limits: LimitSources;
}

/** @param topics of the clients' port */
export function createSharedParts(
  config: Config,
  topics: RuntimeTopics,
  { broker, bus, nodes, roster, claims, sessions, figures }: Cluster,
  knownApps: readonly AppRecord[],
): SharedParts {
  const ceilings = new SettingCeilings(config.settingCeilings);
  const registry = new AppRegistry(clock, ceilings);
  for (const record of knownApps) registry.replace(record);
  // Held frames are sent together, so they must be much smaller than the limit of unsent bytes of a slow reader.
  const heldBytes = { perApp: config.backpressureBytesMax / 4, inAll: heldBytesMax };
  return {
    registry,
    hub: new Hub(new HeldTopics(new NodeTopics(topics), { registry, clock }, heldBytes)),
    activity: new ActivityFeed(),
    clock,
    secretUsers: new SecretUsers(registry, clock),
    ceilings,
    limits: new LimitSources(),
    broker,
    bus,
    nodes,
    roster,
    claims,
    sessions,
    figures,
  };
}
