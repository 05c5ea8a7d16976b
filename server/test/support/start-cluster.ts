/** Several nodes on one Redis and one data folder, behind a balancer that alternates between them. */
import { AdminClient } from "../../src/cli/admin-client.ts";
import { TcpProxy } from "./net/tcp-proxy.ts";
import { startRedis } from "./services/redis.ts";
import { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";

export interface RunningCluster {
  /** The first node as clients reach it, through the balancer. It has the app's credentials. */
  readonly front: RunningServer;
  readonly nodes: readonly RunningServer[];
  readonly balancer: TcpProxy;
  /** Between the nodes and Redis. */
  readonly link: TcpProxy;
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  remove(): Promise<void>;
}

/** `node-a`, `node-b`, … */
function named(env: NonNullable<ServerOptions["env"]>, index: number) {
  return { ...env, SOKETIFY_NODE_NAME: `node-${"abcdefgh"[index]}` };
}

/** Access to a node without the balancer. */
export function directTo(node: RunningServer) {
  const adminUrl = `http://${node.host}:${node.listenPort}`;
  return {
    adminUrl,
    webSocketUrl: () => node.webSocketUrl().replace(`:${node.port}/`, `:${node.listenPort}/`),
    admin: new AdminClient(adminUrl, node.adminToken),
  };
}

export async function startCluster(nodeCount: number, options: ServerOptions = {}): Promise<RunningCluster> {
  const redis = await startRedis();
  const link = await TcpProxy.open([redis.port]);
  const balancer = await TcpProxy.open([]);
  const env = { ...options.env, SOKETIFY_REDIS_URL: `redis://127.0.0.1:${link.port}` };
  const nodes: RunningServer[] = [];
  const front = await startServer({ ...options, env: named(env, 0), frontPort: balancer.port });
  nodes.push(front);
  const shared = {
    ...env,
    SOKETIFY_DATA_DIR: front.dataDir,
    SOKETIFY_APP_ID: front.app.id,
    SOKETIFY_APP_KEY: front.app.key,
    SOKETIFY_APP_SECRET: front.app.secret,
    SOKETIFY_ADMIN_TOKEN: front.adminToken,
  };
  for (let index = 1; index < nodeCount; index++)
    nodes.push(await startServer({ ...options, env: named(shared, index) }));
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
