/** Creates all suppliers on Redis, in the order in which they must handle a reconnect. */
import type { Logger } from "pino";
import type { ClusterFigures } from "../core/cluster-figures.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraceOf } from "../core/ports/roster.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import { type ClusterLoss, RedisBroker } from "./redis-broker.ts";
import { RedisBus } from "./redis-bus.ts";
import { RedisChanges } from "./redis-changes.ts";
import { RedisChannels } from "./redis-channels.ts";
import { RedisClaims } from "./redis-claims.ts";
import { RedisKeys } from "./redis-keys.ts";
import { RedisLink } from "./redis-link.ts";
import { RedisNodes } from "./redis-nodes.ts";
import { RedisRoster } from "./redis-roster.ts";
import { RedisSessions } from "./redis-sessions.ts";
import { readRedisUrl } from "./redis-target.ts";
import { RedisUsers } from "./redis-users.ts";

export interface RedisOptions {
  readonly url: string;
  readonly keyPrefix: string;
  readonly loss: ClusterLoss;
  readonly historyChannelBytesMax: number;
  /** By the app's current rules. */
  readonly graceOf: GraceOf;
  /** A value that is the same on all nodes of an installation, and different for every other installation. */
  readonly installation: () => Promise<string>;
}

export interface RedisSuppliers {
  readonly link: RedisLink;
  readonly broker: RedisBroker;
  readonly roster: RedisRoster;
  readonly nodes: RedisNodes;
  readonly bus: RedisBus;
  readonly claims: RedisClaims;
  readonly sessions: RedisSessions;
  figures(): ClusterFigures;
  /** Resolves when Redis has all messages of the bus so far, or is unreachable. */
  sent(): Promise<void>;
}

/**
 * Creates the suppliers. They connect at `link.start()`.
 * @throws Error with a sentence if the URL is not valid
 */
export function createRedisSuppliers(options: RedisOptions, clock: Clock, log: Logger): RedisSuppliers {
  const keys = new RedisKeys(options.keyPrefix);
  const { installation } = options;
  const link = new RedisLink({ target: readRedisUrl(options.url), keys, clock, log, installation });
  const nodes = new RedisNodes(link, clock);
  const changes = new RedisChanges(link);
  const channels = new RedisChannels(link, changes, clock);
  const users = new RedisUsers(link, changes, () => channels.line);
  const roster = new RedisRoster(link, changes, channels, users, { clock, graceOf: options.graceOf });
  nodes.onDeparted((nodeId, goneMs) => roster.sweep(nodeId, goneMs));
  nodes.onSwept(() => roster.enterAgain());
  const broker = new RedisBroker(link, channels, options);
  const bus = new RedisBus(link, nodes, clock, log);
  return {
    link,
    roster,
    nodes,
    broker,
    bus,
    claims: new RedisClaims(link, clock),
    sessions: new RedisSessions(link),
    // Commands for one key are carried out in the order of the calls.
    sent: () => link.send(keys.bus, ["EXISTS", keys.bus]).then(() => undefined, ignoreUnreachable),
    figures: () => ({
      roundTripMs: link.roundTripMs,
      busIn: bus.messagesIn,
      busOut: bus.messagesOut,
      linesIn: channels.entriesIn,
      linesOut: broker.publishedCount,
      ignored: bus.ignored + channels.ignored,
      gaps: channels.gaps,
    }),
  };
}
