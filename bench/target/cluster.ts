/** A cluster: several server processes on one data folder and one Redis, behind proxies that can fail. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TcpProxy } from "../../server/test/support/net/tcp-proxy.ts";
import { startRedis } from "../../server/test/support/services/redis.ts";
import { pinServer } from "./machine.ts";
import { startSoketify, type Target } from "./target.ts";

export interface NodeTargets {
  readonly nodes: readonly Target[];
  /** Kills a node with SIGKILL. */
  kill(node: Target): Promise<void>;
  /** Drains a node and starts it again; it keeps its index in `nodes`. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterTarget extends NodeTargets {
  readonly redis: Awaited<ReturnType<typeof startRedis>>;
  /** One proxy for each node, between it and Redis. */
  readonly links: readonly TcpProxy[];
}

type EnvironmentOf = (index: number) => Readonly<Record<string, string>>;

/** @throws if a node does not start; then nothing is left running */
export async function startCluster(
  nodeCount: number,
  environmentOf: EnvironmentOf = () => ({}),
): Promise<ClusterTarget> {
  await using started = new AsyncDisposableStack();
  const redis = started.adopt(await startRedis(), (one) => one.remove());
  const links: TcpProxy[] = [];
  for (let index = 0; index < nodeCount; index++)
    links.push(started.adopt(await TcpProxy.open([redis.port]), (one) => one.close()));
  const targets = await startNodes(nodeCount, (index) => ({
    SOKETIFY_REDIS_URL: `redis://127.0.0.1:${links[index]?.port}`,
    ...environmentOf(index),
  }));
  started.defer(() => targets.stop());
  const running = started.move();
  return { ...targets, redis, links, stop: () => running.disposeAsync() };
}

/**
 * Nodes on one data folder; `environmentOf` names the Redis that they share.
 * @throws if a node does not start; then nothing is left running
 */
export async function startNodes(nodeCount: number, environmentOf: EnvironmentOf): Promise<NodeTargets> {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "soketify-cluster-"));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const nodes: Target[] = [];
  const killed = new Set<Target>();
  started.defer(async () => {
    for (const node of nodes) if (!killed.has(node)) await node.stop();
  });
  for (let index = 0; index < nodeCount; index++)
    nodes.push(
      await startSoketify({
        SOKETIFY_DATA_DIR: folder,
        SOKETIFY_LOG_LEVEL: "error",
        ...environmentOf(index),
      }),
    );
  const running = started.move();
  return {
    nodes,
    async kill(node) {
      killed.add(node);
      await node.stop("SIGKILL");
    },
    async restart(index) {
      const node = nodes[index];
      if (node !== undefined) nodes[index] = await node.restart("SIGTERM");
    },
    stop: () => running.disposeAsync(),
  };
}

export interface NodesOnRedis extends NodeTargets {
  /** CPU time of Redis, user and system, since it started. */
  redisCpuMicros(): Promise<number>;
}

/** Nodes that connect to one Redis directly, without a proxy. */
export async function startNodesOnRedis(nodeCount: number): Promise<NodesOnRedis> {
  await using started = new AsyncDisposableStack();
  const redis = started.adopt(await startRedis(), (one) => one.remove());
  const targets = await startNodes(nodeCount, () => ({ SOKETIFY_REDIS_URL: redis.url }));
  started.defer(() => targets.stop());
  const running = started.move();
  return {
    ...targets,
    redisCpuMicros: () => redisCpuMicros(redis.port),
    stop: () => running.disposeAsync(),
  };
}

/** A Redis on the servers' core, without nodes; the caller disposes of it. */
export async function startMeasuredRedis() {
  const redis = await startRedis();
  const info = await Bun.$`redis-cli -p ${redis.port} info server`.text();
  pinServer(Number(/^process_id:(\d+)/m.exec(info)?.[1]));
  return {
    url: redis.url,
    cpuMicros: () => redisCpuMicros(redis.port),
    [Symbol.asyncDispose]: () => redis.remove(),
  };
}

/** The CPU time that a Redis on this machine has used. */
export async function redisCpuMicros(port: number): Promise<number> {
  const info = await Bun.$`redis-cli -p ${port} info cpu`.text();
  const seconds = (name: string) => Number(new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1]);
  return 1e6 * (seconds("used_cpu_user") + seconds("used_cpu_sys"));
}
