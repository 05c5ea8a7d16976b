/** Several servers as one: each a process of its own, on one data folder and one Redis behind a proxy that can misbehave. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "../../server/test/support/services/redis.ts";
import { TcpProxy } from "../../server/test/support/tcp-proxy.ts";
import { startSoketify, type Target } from "./target.ts";

export interface ClusterTarget {
  readonly nodes: readonly Target[];
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  /** One for each node, between it and Redis. */
  readonly links: readonly TcpProxy[];
  /** Ends a node without a word. */
  kill(node: Target): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(
  nodeCount: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<ClusterTarget> {
  const redis = await startRedis();
  const folder = mkdtempSync(join(tmpdir(), "soketify-cluster-"));
  const links: TcpProxy[] = [];
  const nodes: Target[] = [];
  for (let index = 0; index < nodeCount; index++) {
    const link = await TcpProxy.open([redis.port]);
    links.push(link);
    nodes.push(
      await startSoketify({
        SOKETIFY_DATA_DIR: folder,
        SOKETIFY_REDIS_URL: `redis://127.0.0.1:${link.port}`,
        SOKETIFY_LOG_LEVEL: "error",
        ...environment,
      }),
    );
  }
  const killed = new Set<Target>();
  return {
    ...{ nodes, redis, links },
    async kill(node) {
      killed.add(node);
      await node.stop("SIGKILL");
    },
    async stop() {
      for (const node of nodes) if (!killed.has(node)) await node.stop();
      for (const link of links) await link.close();
      await redis.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
