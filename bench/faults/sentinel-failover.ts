/**
 * R8: the Redis master that Sentinels watch is killed. The nodes connect to the new master. Meanwhile local delivery
 * continues and no client is closed; afterwards all nodes have all events and members.
 */
import { startRedisSentinels } from "../../server/test/support/services/redis.ts";
import { startNodes } from "../target/cluster.ts";
import { ClusterStage } from "./cluster-stage.ts";
import { type Fault, runAsProgram } from "./fault.ts";

export const sentinelFailover: Fault = {
  title:
    "nodes follow the Sentinels to a new Redis master, no connection is closed, and no client misses an event afterwards",
  async run() {
    const redis = await startRedisSentinels();
    const targets = await startNodes(2, () => ({ SOKETIFY_REDIS_URL: redis.url }));
    try {
      const stage = await ClusterStage.open(targets.nodes);
      const failover = {
        ...{ name: "failed over", isNoticed: true },
        begin: () => redis.killMaster(),
        end: async () => undefined,
      };
      const { backMs, found } = await stage.endure(failover, 0);
      stage.close();
      return {
        figures: { "ms until the nodes were healthy after they detected it": backMs },
        problems: found,
      };
    } finally {
      await targets.stop();
      await redis.remove();
    }
  },
};

if (import.meta.main) await runAsProgram(sentinelFailover);
