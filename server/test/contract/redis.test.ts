/** The suppliers on Redis keep the contracts: on one server, and on a cluster of three. */
import { afterAll, afterEach, beforeAll } from "bun:test";
import { freshPrefix, openRedisNode, type RedisNode } from "../support/redis-nodes.ts";
import { type RedisClusterServers, startRedis, startRedisCluster } from "../support/services/redis.ts";
import { until } from "../support/until.ts";
import { brokerContract } from "./broker.contract.ts";
import { rosterContract } from "./roster.contract.ts";

let single: Awaited<ReturnType<typeof startRedis>>;
let cluster: RedisClusterServers;
let opened: RedisNode[] = [];

beforeAll(async () => {
  [single, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
});
afterEach(() => {
  for (const { link } of opened) link.close();
  opened = [];
});
afterAll(async () => {
  await Promise.all([single, cluster].map((server) => server?.remove()));
});

async function open(url: string): Promise<[RedisNode, RedisNode]> {
  const prefix = freshPrefix();
  const nodes: [RedisNode, RedisNode] = [await openRedisNode(url, prefix), await openRedisNode(url, prefix)];
  opened.push(...nodes);
  return nodes;
}

for (const [kind, url] of [
  ["one Redis server", () => single.url],
  ["a Redis Cluster", () => cluster.url],
] as const) {
  brokerContract(kind, async () => {
    const [first, last] = await open(url());
    return {
      brokers: [first.broker, last.broker],
      pass: async (byMs) => {
        const end = Date.now() + byMs;
        await until("the time to pass", () => Date.now() > end);
      },
    };
  });
  rosterContract(kind, () => open(url()));
}
