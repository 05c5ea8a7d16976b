/**
 * Redis is frozen, killed and restarted empty, or flushed; its subscribers are disconnected; the link of one node
 * drops all data. Local delivery continues, no client is closed, and afterwards all nodes have all events and members.
 */
import { type ClusterTarget, startCluster } from "../target/cluster.ts";
import { ClusterStage, type Failure } from "./cluster-stage.ts";
import { type Extent, type Fault, runAsProgram } from "./fault.ts";

const failureMs = { quick: 3_000, short: 10_000, long: 60_000 } satisfies Record<Extent, number>;
const nothing = async () => undefined;

const failuresOf = ({ redis, links }: ClusterTarget): readonly Failure[] => [
  {
    name: "frozen",
    isDetected: true,
    begin: async () => redis.signal("SIGSTOP"),
    end: async () => redis.signal("SIGCONT"),
  },
  {
    name: "killed and restarted empty",
    isDetected: true,
    begin: () => redis.stop(),
    end: () => redis.start(),
  },
  {
    name: "flushed",
    isDetected: false,
    begin: () => Bun.$`redis-cli -p ${redis.port} flushall`.quiet(),
    end: nothing,
  },
  {
    name: "without its subscribers",
    isDetected: false,
    begin: () => Bun.$`redis-cli -p ${redis.port} client kill type pubsub`.quiet(),
    end: nothing,
  },
  {
    name: "silent for one node",
    isDetected: true,
    begin: async () => links[0]?.mute(),
    end: async () => links[0]?.unmute(),
  },
];

export const redisTrouble: Fault = {
  title:
    "while Redis is frozen, killed, flushed or silent no connection is closed, and afterwards no client misses an event",
  async run(extent) {
    const cluster = await startCluster(2);
    const figures: Record<string, number> = {};
    const problems: string[] = [];
    try {
      const stage = await ClusterStage.open(cluster.nodes);
      for (const failure of failuresOf(cluster)) {
        const { backMs, found } = await stage.causeAndCheck(failure, failureMs[extent]);
        figures[`ms until the nodes were healthy after Redis was ${failure.name}`] = backMs;
        problems.push(...found.map((problem) => `Redis ${failure.name}: ${problem}`));
      }
      stage.close();
      return { figures, problems };
    } finally {
      await cluster.stop();
    }
  },
};

if (import.meta.main) await runAsProgram(redisTrouble);
