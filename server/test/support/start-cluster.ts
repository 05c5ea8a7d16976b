/** Several nodes as a user starts them, on one Redis and one data folder, behind a balancer that takes them in turn. */
import { startRedis } from "./services/redis.ts";
import { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export interface RunningCluster {
  /** The first node, as clients reach it: through the balancer. It holds the app's credentials. */
  readonly front: RunningServer;
  readonly nodes: readonly RunningServer[];
  readonly balancer: TcpProxy;
  /** Between the nodes and Redis. */
  readonly link: TcpProxy;
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  remove(): Promise<void>;
}

export async function startCluster(nodeCount: number, options: ServerOptions = {}): Promise<RunningCluster> {
  const redis = await startRedis();
  const link = await TcpProxy.open([redis.port]);
  const balancer = await TcpProxy.open([]);
  const env = { ...options.env, SOKETIFY_REDIS_URL: `redis://127.0.0.1:${link.port}` };
  const nodes: RunningServer[] = [];
  const front = await startServer({ ...options, env, frontPort: balancer.port });
  nodes.push(front);
  const shared = {
    ...env,
    SOKETIFY_DATA_DIR: front.dataDir,
    SOKETIFY_APP_ID: front.app.id,
    SOKETIFY_APP_KEY: front.app.key,
    SOKETIFY_APP_SECRET: front.app.secret,
    SOKETIFY_ADMIN_TOKEN: front.adminToken,
  };
  for (let index = 1; index < nodeCount; index++) nodes.push(await startServer({ ...options, env: shared }));
  balancer.targets = nodes.map(({ listenPort }) => listenPort);
  return {
    ...{ front, nodes, balancer, link, redis },
    async remove() {
      for (const node of nodes.toReversed()) await node.remove();
      await Promise.all([balancer.close(), link.close()]);
      await redis.remove();
    },
  };
}
