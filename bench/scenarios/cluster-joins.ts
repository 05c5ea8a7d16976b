/** Joins of presence channels: with clients of three nodes, and with nothing that limits Redis. */
import { openRedisNode } from "../../server/test/support/redis-nodes.ts";
import { closeCrowd, inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import { type NodesOnRedis, startMeasuredRedis } from "../target/cluster.ts";
import { addressOf, cpuOf, nodeAt, nodesOf } from "./cluster-load.ts";
import type { Context, Section } from "./scenario.ts";

const joinsAtOnce = 128;
/** Joins until most code of a node is compiled: at first the compilation takes as much CPU time as the joins. */
const warmUpJoins = 60_000;

export async function joinsSection({ isQuick, log }: Context, stage: NodesOnRedis): Promise<Section> {
  const nodes = nodesOf(stage);
  const clientCount = isQuick ? 30 : 300;
  const channelsEach = isQuick ? 5 : 100;
  if (!isQuick) {
    log(`${warmUpJoins} joins of presence channels as a warm-up`);
    closeCrowd((await joinAll(stage, clientCount, warmUpJoins / clientCount, "warm-up")).clients);
    await calm(stage);
  }
  log(`${clientCount} clients join ${channelsEach} presence channels each`);
  const before = await cpuOf(nodes, stage);
  const { clients, seconds } = await joinAll(stage, clientCount, channelsEach, "measured");
  const after = await cpuOf(nodes, stage);
  closeCrowd(clients);
  const joins = clientCount * channelsEach;
  return {
    title: "Cluster: joins of presence channels with three members, one on each node",
    columns: [
      { key: "joins", label: "joins" },
      { key: "perSecond", label: "joins/s", decimals: 0 },
      { key: "nodes", label: "CPU-µs/join, all nodes", decimals: 1 },
      { key: "redis", label: "CPU-µs/join, Redis", decimals: 1 },
    ],
    rows: [
      {
        joins,
        perSecond: joins / seconds,
        nodes: nodes.reduce((sum, node) => sum + after.of(node) - before.of(node), 0) / joins,
        redis: (after.redisMicros - before.redisMicros) / joins,
      },
    ],
    notes: [
      `The three nodes share core 0, Redis and the clients core 1. At most ${joinsAtOnce} joins run at the same time. The nodes handled ${isQuick ? 0 : warmUpJoins} joins as a warm-up.`,
    ],
  };
}

async function joinAll(stage: NodesOnRedis, clientCount: number, channelsEach: number, prefix: string) {
  const nodes = nodesOf(stage);
  const clients = await inParallel(clientCount, (index) =>
    LightClient.connect(addressOf(nodeAt(nodes, index)), {}),
  );
  const began = performance.now();
  await inParallel(clientCount, async (index) => {
    const client = clients[index];
    if (client === undefined) throw new RangeError(`there is no client ${index}`);
    const member = JSON.stringify({ user_id: String(index), user_info: { name: `Member ${index}` } });
    const socketId = await client.socketId;
    for (let channel = 0; channel < channelsEach; channel += 1) {
      // Each channel has three members, one on each node.
      const name = `presence-${prefix}-${Math.floor(index / nodes.length)}-${channel}`;
      await client.subscribe(name, channelCredentials(nodes[0].app, socketId, name, member));
    }
  });
  return { clients, seconds: (performance.now() - began) / 1000 };
}

/** Resolves when the members have left and the nodes have unsubscribed from their channels. Redis is then idle for longer than the nodes wait before they unsubscribe. */
async function calm(stage: NodesOnRedis): Promise<void> {
  for (let idleSeconds = 0; idleSeconds < 7; ) {
    const before = await stage.redisCpuMicros();
    await Bun.sleep(1_000);
    idleSeconds = (await stage.redisCpuMicros()) - before < 50_000 ? idleSeconds + 1 : 0;
  }
}

/** The suppliers of three nodes in this process join without clients, with Redis alone on the servers' core. */
export async function redisJoinsSection({ isQuick, log }: Context): Promise<Section> {
  const rounds = isQuick ? 2 : 6;
  const joins = isQuick ? 300 : 30_000;
  log(`${joins} joins without clients, Redis alone on a core, ${rounds} rounds`);
  await using redis = await startMeasuredRedis();
  const nodes = await Promise.all([0, 1, 2].map(() => openRedisNode(redis.url, "bench:")));
  const results: { micros: number; perSecond: number }[] = [];
  for (const node of nodes) node.broker.listen(ignoresEntries);
  for (let round = 0; round < rounds; round += 1) {
    const before = await redis.cpuMicros();
    const began = performance.now();
    const join = async (index: number) => {
      const member = { userId: String(index), infoJson: `{"name":"Member ${index}"}` };
      const channel = `presence-${round}-${Math.floor(index / nodes.length)}`;
      const rest = { membersMax: 100, isCountPublished: false, bounds: null, catchUp: null };
      await nodes[index % nodes.length]?.roster.join(
        { appId: "1", channel, member, ...rest },
        () => undefined,
      );
    };
    await inParallel(joins, join, joinsAtOnce);
    const seconds = (performance.now() - began) / 1000;
    results.push({ micros: ((await redis.cpuMicros()) - before) / joins, perSecond: joins / seconds });
  }
  for (const { link } of nodes) link.close();
  const { micros, perSecond } = results
    .slice(1)
    .reduce((best, one) => (one.perSecond > best.perSecond ? one : best));
  return {
    title: "Cluster: joins of presence channels with three members that one Redis can handle",
    columns: [
      { key: "joins", label: "joins" },
      { key: "perSecond", label: "joins/s", decimals: 0 },
      { key: "redis", label: "CPU-µs/join, Redis", decimals: 1 },
      { key: "share", label: "Redis' share of its core", decimals: 2 },
      { key: "most", label: "joins/s at a full core of Redis", decimals: 0 },
    ],
    rows: [{ joins, perSecond, redis: micros, share: (micros * perSecond) / 1e6, most: 1e6 / micros }],
    notes: [
      `Redis runs alone on core 0. The cluster code of three nodes runs in the benchmark's process on core 1, without clients. The table shows the fastest of ${rounds - 1} rounds, after one round as a warm-up.`,
    ],
  };
}

const ignoresEntries = {
  event: () => 0,
  memberAdded: () => undefined,
  memberRemoved: () => undefined,
  subscriptionCount: () => undefined,
  userOnline: () => undefined,
};
