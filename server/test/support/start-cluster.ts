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

/**
 * @param startItsRedis starts the Redis of the nodes
 * @throws if a node does not start; then nothing is left running
 */
export async function startCluster(
  nodeCount: number,
  options: ServerOptions = {},
  startItsRedis: () => ReturnType<typeof startRedis> = startRedis,
): Promise<RunningCluster> {
  await using started = new AsyncDisposableStack();
  const redis = started.adopt(await startItsRedis(), (one) => one.remove());
  const link = started.adopt(await TcpProxy.open([redis.port]), (one) => one.close());
  const balancer = started.adopt(await TcpProxy.open([]), (one) => one.close());
  const redisUrl = redis.url.replace(`:${redis.port}`, `:${link.port}`);
  const env = { ...options.env, SOKETIFY_REDIS_URL: redisUrl };
  const start = async (more: ServerOptions) =>
    started.adopt(await startServer({ ...options, ...more }), (one) => one.remove());
  const front = await start({ env: named(env, 0), frontPort: balancer.port });
  const nodes = [front];
  const shared = {
    ...env,
    SOKETIFY_DATA_DIR: front.dataDir,
    SOKETIFY_APP_ID: front.app.id,
    SOKETIFY_APP_KEY: front.app.key,
    SOKETIFY_APP_SECRET: front.app.secret,
    SOKETIFY_ADMIN_TOKEN: front.adminToken,
  };
  for (let index = 1; index < nodeCount; index++) nodes.push(await start({ env: named(shared, index) }));
  balancer.targets = nodes.map(({ listenPort }) => listenPort);
  const running = started.move();
  return { front, nodes, balancer, link, redis, remove: () => running.disposeAsync() };
}
