/** The cluster suppliers: in memory for a single node, on Redis if a URL is configured. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import { createMemoryCluster } from "../cluster/memory-cluster.ts";
import type { Config } from "../config/config.ts";
import type { ClusterFigures } from "../core/cluster-figures.ts";
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import type { Broker } from "../core/ports/broker.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { NodeStart } from "../core/ports/node-starts.ts";
import type { NodeReport, Nodes } from "../core/ports/nodes.ts";
import type { RequestClaims } from "../core/ports/request-claims.ts";
import type { GraceOf, Roster } from "../core/ports/roster.ts";
import type { SessionDirectory } from "../core/ports/session-directory.ts";
import { serverSecret } from "../storage/keys/server-secret.ts";
import { commit, version } from "./build.ts";
import type { Stores } from "./stores.ts";
import { systemClock as clock } from "./system-clock.ts";

const mebibyte = 1_048_576;
const historyBytesPerChannel = 8 * mebibyte;

/** The changing parts of a node's report. */
type Vitals = Pick<
  NodeReport,
  "isDraining" | "connections" | "unauthorized" | "messagesLastMinute" | "health"
>;

export interface Cluster {
  readonly broker: Broker;
  readonly roster: Roster;
  readonly bus: ClusterBus;
  readonly nodes: Nodes;
  /** This process, for the list of starts. */
  readonly thisStart: NodeStart;
  /** Null for a single node. */
  readonly claims: RequestClaims | null;
  /** Null for a single node. */
  readonly sessions: SessionDirectory | null;
  /** Null if histories are in Redis. */
  readonly historyBudget: ByteBudget | null;
  /** Null for a single node. */
  readonly figures: (() => ClusterFigures) | null;
  /**
   * Joins the other nodes.
   * @param onRefused called if Redis is first reached later, and its nodes have another database or master key
   * @throws Error if this is found immediately
   */
  start(report: () => Vitals, onRefused: (reason: Error) => void): Promise<void>;
  /**
   * Reaches the other nodes without joining them. Resolves with the reason if they cannot be reached now, as a sentence.
   * @throws Error if they have another database or master key
   */
  reach(): Promise<string | null>;
  /** Leaves the cluster. Called when no connection is left. */
  stop(): Promise<void>;
}

/** The Redis modules are loaded only here, so that a single node does not load them. */
export async function createCluster(
  config: Config,
  stores: Pick<Stores, "db" | "keys">,
  graceOf: GraceOf,
  log: Logger,
): Promise<Cluster> {
  const startedAtMs = clock.now();
  const host = hostname();
  const fixed = { name: config.nodeName ?? host, hostname: host, version, startedAtMs };
  const reportOf = (report: () => Vitals) => () => ({ ...fixed, ...report() });
  const { redisUrl: url, redisKeyPrefix: keyPrefix, clusterLoss: loss } = config;
  if (url === null) {
    const { historyBytesPerAppMax: perApp, historyBytesMax: inAll } = config;
    const memory = createMemoryCluster(clock, { perChannel: historyBytesPerChannel, perApp, inAll });
    return {
      ...memory,
      thisStart: startOf(memory.nodes, fixed),
      claims: null,
      sessions: null,
      figures: null,
      historyBudget: memory.broker.historyBudget,
      start: (report) => memory.nodes.start(reportOf(report)),
      reach: async () => null,
      stop: () => memory.nodes.stop(),
    };
  }
  const { createRedisSuppliers } = await import("../cluster/redis-suppliers.ts");
  const rest = {
    historyChannelBytesMax: historyBytesPerChannel,
    installation: () => installationOf(stores),
    graceOf,
  };
  const redis = createRedisSuppliers({ url, keyPrefix, loss, ...rest }, clock, log);
  const { broker, roster, bus, nodes, claims, sessions, link, figures } = redis;
  return {
    broker,
    roster,
    bus,
    nodes,
    claims,
    sessions,
    figures,
    historyBudget: null,
    thisStart: startOf(nodes, fixed),
    async start(report, onRefused) {
      await link.start(onRefused);
      await nodes.start(reportOf(report));
    },
    async reach() {
      await link.start(() => undefined);
      return link.problem;
    },
    async stop() {
      await nodes.stop();
      await redis.sent();
      link.close();
    },
  };
}

function startOf(
  { id: nodeId }: Nodes,
  { name, startedAtMs: atMs }: Pick<NodeReport, "name" | "startedAtMs">,
): NodeStart {
  return { nodeId, name, version, commit, atMs };
}

/**
 * A value that is the same on all nodes that share a database and its master key: a hash of a secret that only they
 * can read.
 */
async function installationOf({ db, keys }: Pick<Stores, "db" | "keys">): Promise<string> {
  return createHash("sha256")
    .update(await serverSecret(db, keys, "cluster"))
    .digest("hex");
}
