/** A node that is alive and never answers: it holds its lease and sends reports, nothing else. */

import { openRedisNode } from "../redis-nodes.ts";
import { nodeReport } from "./node-health.ts";

export interface SilentNode {
  readonly id: string;
  /** Ends its lease, like that of a dead node; the others sweep it immediately. */
  die(): Promise<void>;
}

/** @param redisUrl of a server that nodes with the default key prefix use */
export async function startSilentNode(redisUrl: string, name: string): Promise<SilentNode> {
  const { port } = new URL(redisUrl);
  const installation = (await Bun.$`redis-cli -p ${port} get soketify:installation`.text()).trim();
  const { nodes, link } = await openRedisNode(redisUrl, "soketify:", "local", 1_000_000, installation);
  await nodes.start(() => ({ ...nodeReport(name), hostname: "elsewhere", startedAtMs: Date.now() }));
  return {
    id: nodes.id,
    async die() {
      await nodes.stop();
      link.close();
    },
  };
}
