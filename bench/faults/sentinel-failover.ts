/**
 * The Redis master that Sentinels watch is killed. The nodes connect to the new master. Meanwhile local delivery
 * continues and no client is closed; afterwards all nodes have all events and members.
 */
import { type RedisSentinelServers, startRedisSentinels } from "../../server/test/support/services/redis.ts";
import { type NodeTargets, startNodes } from "../target/cluster.ts";
import { ClusterStage } from "./cluster-stage.ts";
import { type Fault, runAsProgram } from "./fault.ts";

export const sentinelFailover: Fault = {
  title:
    "nodes follow the Sentinels to a new Redis master, no connection is closed, and no client misses an event afterwards",
  async run() {
    const redis = await startRedisSentinels();
    try {
      const targets = await startNodes(2, () => ({ SOKETIFY_REDIS_URL: redis.url }));
      return await failOver(targets, redis).finally(() => targets.stop());
    } finally {
      await redis.remove();
    }
  },
};

async function failOver({ nodes }: NodeTargets, redis: RedisSentinelServers) {
  const stage = await ClusterStage.open(nodes);
  const failover = {
    name: "failed over",
    isDetected: true,
    begin: () => redis.killMaster(),
    end: async () => undefined,
  };
  const { backMs, found } = await stage.causeAndCheck(failover, 0);
  stage.close();
  return {
    figures: { "ms until the nodes were healthy after they detected it": backMs },
    problems: found,
  };
}

if (import.meta.main) await runAsProgram(sentinelFailover);
