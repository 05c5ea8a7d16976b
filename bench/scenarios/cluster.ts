/** Three nodes on one Redis: cost of a publish, order, joins, and latency between nodes. */
import { closeCrowd, inParallel, openCrowd } from "../client/crowd.ts";
import { Histogram } from "../client/histogram.ts";
import { nowMicros, readMicros } from "../client/stamp.ts";
import { type NodesOnRedis, startNodesOnRedis } from "../target/cluster.ts";
import { startSoketify } from "../target/target.ts";
import { costSections, costsAlone } from "./cluster-costs.ts";
import { joinsSection, redisJoinsSection } from "./cluster-joins.ts";
import { addressOf, cpuOf, nodeAt, nodesOf, publishOn, settled, share } from "./cluster-load.ts";
import type { Context, Row, Scenario, Section } from "./scenario.ts";

export const cluster: Scenario = {
  name: "cluster",
  summary: "three nodes on one Redis: publishes, one order, joins, latency between nodes",
  async run(context) {
    const alone = await startSoketify();
    const aloneCosts = await costsAlone(context, alone).finally(() => alone.stop());
    const stage = await startNodesOnRedis(3);
    try {
      return [
        ...(await costSections(context, stage, aloneCosts)),
        await orderSection(context, stage),
        await latencySection(context, stage),
        // Last, because its members are still leaving when the section ends.
        await joinsSection(context, stage),
        await redisJoinsSection(context),
      ];
    } finally {
      await stage.stop();
    }
  },
};

/** Two nodes publish at the same time. From its events, each client computes a number that depends on their order. */
async function orderSection({ isQuick, log }: Context, stage: NodesOnRedis): Promise<Section> {
  const [first, second] = nodesOf(stage);
  const subscribers = isQuick ? 20 : 1_000;
  log(`${subscribers} subscribers on each of two nodes`);
  const orders: { hash: number; count: number }[] = [];
  const listenersOf = () => {
    const order = { hash: 0, count: 0 };
    orders.push(order);
    return {
      onEvent: (bytes: Uint8Array, _start: number, end: number) => {
        order.hash = (Math.imul(order.hash, 31) + readMicros(bytes, end)) | 0;
        order.count += 1;
      },
    };
  };
  const nodes = [first, second];
  const crowds = await Promise.all(
    nodes.map((node) => openCrowd(addressOf(node), subscribers, () => ["order"], listenersOf)),
  );
  const before = await cpuOf(nodes, stage);
  const published = await publishOn(nodes, 100, isQuick ? 2 : 10, () => "order");
  await settled(() => orders.reduce((sum, { count }) => sum + count, 0));
  const after = await cpuOf(nodes, stage);
  for (const crowd of crowds) closeCrowd(crowd);
  const due = published.accepted * orders.length;
  const delivered = orders.reduce((sum, { count }) => sum + count, 0);
  const cpuMicros = nodes.reduce((sum, node) => sum + after.of(node) - before.of(node), 0);
  return {
    title: "Cluster: two nodes publish to one channel",
    columns: [
      { key: "subscribers", label: "subscribers" },
      { key: "perSecond", label: "events/s", decimals: 1 },
      { key: "delivered", label: "delivered" },
      { key: "orders", label: "different orders" },
      { key: "cpuMicrosPerDelivery", label: "CPU-µs/delivery", decimals: 2 },
    ],
    rows: [
      {
        subscribers: `2 x ${subscribers}`,
        perSecond: published.accepted / published.seconds,
        delivered: share(delivered, due),
        orders: new Set(orders.map(({ hash }) => hash)).size,
        cpuMicrosPerDelivery: cpuMicros / delivered,
      },
    ],
    notes: ["Different orders: 1 is correct."],
  };
}

/** The first row publishes so few events that no event waits; the other rows use the method that Sockudo publishes. */
async function latencySection({ isQuick, log }: Context, stage: NodesOnRedis): Promise<Section> {
  const nodes = nodesOf(stage);
  const seconds = isQuick ? 2 : 10;
  const rows: Row[] = [];
  const loads = [
    { what: "calm: 30 subscribers of 1 channel", subscribers: 30, channels: 1, eventsPerSecond: 50 },
    ...(isQuick ? [100] : [100, 500, 1_000]).map((eventsPerSecond) => ({
      what: "900 subscribers of 100 channels",
      subscribers: 900,
      channels: 100,
      eventsPerSecond,
    })),
  ];
  for (const { what, subscribers, channels, eventsPerSecond } of loads) {
    log(`${what}, ${eventsPerSecond} publishes a second`);
    const [here, elsewhere] = [new Histogram(), new Histogram()];
    const takers = channels === 1 ? [nodes[0]] : nodes;
    const crowd = await inParallel(subscribers, async (index) => {
      const node = nodeAt(nodes, index);
      // The node of an event is known only if one node takes all publishes.
      const histogram = takers.length > 1 || node !== takers[0] ? elsewhere : here;
      const onEvent = (bytes: Uint8Array, _start: number, end: number) =>
        histogram.record(nowMicros() - readMicros(bytes, end));
      const [client] = await openCrowd(
        addressOf(node),
        1,
        () => [`c${Math.floor(index / nodes.length) % channels}`],
        () => ({ onEvent }),
      );
      if (client === undefined) throw new Error("openCrowd must return one client");
      return client;
    });
    const before = await cpuOf(nodes, stage);
    const channelOf = (sequence: number) => `c${sequence % channels}`;
    const published = await publishOn(takers, eventsPerSecond, seconds, channelOf);
    await settled(() => here.count + elsewhere.count);
    const after = await cpuOf(nodes, stage);
    closeCrowd(crowd);
    const cpuMicros = nodes.reduce((sum, node) => sum + after.of(node) - before.of(node), 0);
    const ms = (histogram: Histogram, quantile: number) =>
      histogram.count === 0 ? null : histogram.quantile(quantile) / 1_000;
    rows.push({
      what,
      perSecond: published.accepted / published.seconds,
      delivered: share(here.count + elsewhere.count, (published.accepted * subscribers) / channels),
      here50: ms(here, 0.5),
      here99: ms(here, 0.99),
      other50: ms(elsewhere, 0.5),
      other99: ms(elsewhere, 0.99),
      nodes: cpuMicros / published.accepted,
      redis: (after.redisMicros - before.redisMicros) / published.accepted,
    });
  }
  return {
    title: "Cluster: from publish to client",
    columns: [
      { key: "what", label: "load" },
      { key: "perSecond", label: "publishes/s", decimals: 0 },
      { key: "delivered", label: "delivered" },
      { key: "here50", label: "p50 ms, same node", decimals: 1 },
      { key: "here99", label: "p99 ms, same node", decimals: 1 },
      { key: "other50", label: "p50 ms, other or any node", decimals: 1 },
      { key: "other99", label: "p99 ms, other or any node", decimals: 1 },
      { key: "nodes", label: "CPU-µs/publish, all nodes", decimals: 1 },
      { key: "redis", label: "CPU-µs/publish, Redis", decimals: 1 },
    ],
    rows,
    notes: [
      "Calm: one node takes all publishes. The other rows follow Sockudo's published method: 100 channels have nine subscribers each, three on each node, and each node takes a third of the publishes.",
    ],
  };
}
