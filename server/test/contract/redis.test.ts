/** The suppliers on Redis keep the contracts: on one server, and on a cluster of three. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import { nodeHealth } from "../support/node-health.ts";
import { RecordedLine } from "../support/recorded-line.ts";
import { freshPrefix, openRedisNode } from "../support/redis-nodes.ts";
import { type RedisClusterServers, startRedis, startRedisCluster } from "../support/services/redis.ts";
import { until } from "../support/until.ts";
import { brokerContract } from "./broker.contract.ts";
import { clusterBusContract } from "./cluster-bus.contract.ts";
import { channelBytesMax, historyContract, listening, shortMs } from "./history.contract.ts";
import { nodesContract } from "./nodes.contract.ts";
import { rosterContract } from "./roster.contract.ts";

let single: Awaited<ReturnType<typeof startRedis>>;
let cluster: RedisClusterServers;
let opened: RedisSuppliers[] = [];

beforeAll(async () => {
  [single, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
});
afterEach(async () => {
  for (const { nodes } of opened) await nodes.stop();
  for (const { link } of opened) link.close();
  opened = [];
});
afterAll(async () => {
  await Promise.all([single, cluster].map((server) => server?.remove()));
});

async function open(url: string, historyChannelBytesMax?: number): Promise<[RedisSuppliers, RedisSuppliers]> {
  const prefix = freshPrefix();
  const nodes: [RedisSuppliers, RedisSuppliers] = [
    await openRedisNode(url, prefix, "local", historyChannelBytesMax),
    await openRedisNode(url, prefix, "local", historyChannelBytesMax),
  ];
  opened.push(...nodes);
  return nodes;
}

/** Nodes that have entered the cluster. */
async function openStarted(url: string, count: number): Promise<RedisSuppliers[]> {
  const prefix = freshPrefix();
  const nodes = await Promise.all(Array.from({ length: count }, () => openRedisNode(url, prefix)));
  opened.push(...nodes);
  const report = {
    ...{ name: "a", messagesLastMinute: new Map(), health: nodeHealth },
    hostname: "here",
    version: "1.2.3",
    startedAtMs: 0,
    isDraining: false,
    connections: new Map(),
  };
  for (const { nodes: one } of nodes) await one.start(() => report);
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
  clusterBusContract(kind, async () => {
    const nodes = await openStarted(url(), 3);
    const [a, b, c] = nodes.map(({ bus, nodes: { id } }) => ({ id, bus }));
    if (a === undefined || b === undefined || c === undefined) throw new Error("There are three nodes");
    for (const one of nodes) await until("three nodes", () => one.nodes.alive().length === 3);
    return [a, b, c];
  });
  nodesContract(kind, async () => {
    const [first, second] = await open(url());
    return {
      nodes: [first.nodes, second.nodes],
      async kill() {
        const lease = second.link.keys.lease(second.nodes.id);
        second.link.close();
        // The clock of Redis cannot be turned: the lease is ended as time would end it.
        await first.link.send(lease, ["DEL", lease]);
      },
    };
  });
}

test.each([
  ["a member", "presence-room", { userId: "ada", infoJson: null }],
  ["a subscriber", "room", null],
])("%s that is back before its departure is answered goes when its node dies", async (_, channel, member) => {
  const [a, b] = await open(single.url);
  a.broker.listen(new RecordedLine());
  const join = () =>
    a.roster.join(
      {
        ...{ appId: "1", channel, member, membersMax: 10 },
        ...{ isCountPublished: false, bounds: null, catchUp: null },
      },
      () => undefined,
    );
  const leave = () =>
    a.roster.leave({ appId: "1", channel, userId: member?.userId ?? null, isCountPublished: false });
  // Which of the two answers comes first differs.
  for (let round = 0; round < 20; round++) {
    await join();
    await Promise.all([leave(), join()]);
    expect((await b.roster.counts("1", channel)).subscriptionCount).toBe(1);
    await b.roster.sweep(a.nodes.id);
    expect(await b.roster.counts("1", channel)).toEqual({ subscriptionCount: 0, userCount: 0 });
    await leave();
  }
});

test("a user that is back before its departure is answered is offline when its node dies", async () => {
  const [a, b] = await open(single.url);
  const arrive = () => a.roster.userConnected("1", "ada", false);
  const depart = () => a.roster.userDisconnected("1", "ada", false);
  for (let round = 0; round < 20; round++) {
    await arrive();
    await Promise.all([depart(), arrive()]);
    expect(await b.roster.onlineUsers("1", ["ada"])).toEqual(new Set(["ada"]));
    await b.roster.sweep(a.nodes.id);
    expect(await b.roster.onlineUsers("1", ["ada"])).toEqual(new Set());
    await depart();
  }
});

historyContract(
  "a Redis server",
  async () => {
    const [first, second] = await open(single.url, channelBytesMax);
    const { keys } = first.link;
    /** What is kept of a channel: see redis-scripts.ts. */
    const parts = (channel: string) => ["e", "h"].map((part) => `${keys.channel("1", channel)}:${part}`);
    const remove = async (key: string) => void (await first.link.send(key, ["DEL", key]));
    return {
      nodes: [listening(first), listening(second)],
      pass: async () => {
        const end = Date.now() + shortMs;
        await until("the time to pass", () => Date.now() > end);
      },
      lose: async () => {
        for (const key of ["a", "b"].flatMap(parts)) await remove(key);
      },
      losePart: async (channel, part) => {
        const [position = "", events = ""] = parts(channel);
        if (part === 0) await remove(position);
        else if (part === 1) await remove(events);
        else await first.link.send(events, ["XDEL", events, `${part}-0`]);
      },
    };
  },
  15,
);
