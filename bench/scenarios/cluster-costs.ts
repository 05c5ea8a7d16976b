/** The cost of a publish through Redis for the node that receives it, each node that delivers it, and Redis. */
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import type { NodesOnRedis } from "../target/cluster.ts";
import type { Target } from "../target/target.ts";
import { addressOf, cpuOf, nodesOf, publishAtOnce, publishOn, settled, share } from "./cluster-load.ts";
import type { Context, Row, Section } from "./scenario.ts";

const channel = "cost";
/** Enough concurrent publishes to keep a node busy, so that its event loop does not sleep between them. */
const publishesAtOnce = 32;

type Load = "paced" | "busy";

interface Case {
  readonly what: string;
  readonly load: Load;
  /** The nodes with one subscriber each. */
  readonly subscribed: readonly Target[];
  readonly taking: Target;
  readonly stage?: NodesOnRedis;
}

interface Cost extends Row {
  readonly taking: number | null;
  readonly delivering: number | null;
}

/** The cost of the same publishes on one node without Redis, for comparison. */
export interface CostsAlone {
  readonly paced: Cost;
  readonly busyWithout: Cost;
  readonly busyWith: Cost;
}

export async function costsAlone(context: Context, taking: Target): Promise<CostsAlone> {
  const what = "one node without Redis";
  return {
    paced: await costOf(context, { what, load: "paced", subscribed: [taking], taking }),
    busyWithout: await costOf(context, {
      what: `${what}, no subscriber`,
      load: "busy",
      subscribed: [],
      taking,
    }),
    busyWith: await costOf(context, {
      what: `${what}, a subscriber`,
      load: "busy",
      subscribed: [taking],
      taking,
    }),
  };
}

/** The first and the second node have subscribers. In some rows the third node takes the publishes, in others the first. */
export async function costSections(
  context: Context,
  stage: NodesOnRedis,
  alone: CostsAlone,
): Promise<Section[]> {
  const [first, second, third] = nodesOf(stage);
  const subscribed = [first, second];
  const cases = (load: Load): Case[] => [
    { what: "taken by a node without subscribers", load, subscribed, taking: third, stage },
    { what: "taken by a node with a subscriber", load, subscribed, taking: first, stage },
  ];
  const rowsOf = async (load: Load): Promise<[Cost, Cost]> => {
    const [without, withSubscriber] = cases(load) as [Case, Case];
    return [await costOf(context, without), await costOf(context, withSubscriber)];
  };
  const paced = await rowsOf("paced");
  const busy = await rowsOf("busy");
  return [
    section(
      "Cluster: a publish to one subscriber on each of two nodes, at a low rate",
      [alone.paced, ...paced],
      [
        "CPU time for each publish, including the background work of the process. The event loop is woken for each publish.",
      ],
    ),
    section(
      `Cluster: a publish to one subscriber on each of two nodes, ${publishesAtOnce} at a time`,
      [alone.busyWithout, alone.busyWith, ...busy],
      [extraOf(alone, busy[0])],
    ),
  ];
}

/** The cost that Redis adds. The delivery to a subscriber, measured on one node without Redis, is subtracted. */
function extraOf({ busyWithout, busyWith }: CostsAlone, without: Cost): string {
  const delivery = (busyWith.taking ?? 0) - (busyWithout.taking ?? 0);
  const taking = (without.taking ?? 0) - (busyWithout.taking ?? 0);
  const delivering = (without.delivering ?? 0) - delivery;
  return `Through Redis, the node that takes a publish spends ${taking.toFixed(1)} CPU-µs more. A node that delivers it spends ${delivering.toFixed(1)}, in addition to the delivery to its subscriber (${delivery.toFixed(1)}).`;
}

function section(title: string, rows: readonly Row[], notes: readonly string[]): Section {
  return {
    title,
    columns: [
      { key: "what", label: "publishes" },
      { key: "perSecond", label: "events/s", decimals: 0 },
      { key: "taking", label: "CPU-µs, node that takes it", decimals: 1 },
      { key: "delivering", label: "CPU-µs, node that only delivers", decimals: 1 },
      { key: "redis", label: "CPU-µs, Redis", decimals: 1 },
      { key: "delivered", label: "delivered" },
    ],
    rows,
    notes,
  };
}

async function costOf(
  { isQuick, log }: Context,
  { what, load, subscribed, taking, stage }: Case,
): Promise<Cost> {
  log(`publishes, ${load}: ${what}`);
  let delivered = 0;
  const onEvent = () => {
    delivered += 1;
  };
  const crowds = await Promise.all(
    subscribed.map((node) =>
      openCrowd(
        addressOf(node),
        1,
        () => [channel],
        () => ({ onEvent }),
      ),
    ),
  );
  const seconds = isQuick ? 1 : 10;
  // The first second warms up and does not count.
  if (load === "busy") await publishAtOnce(taking, publishesAtOnce, 1, channel);
  await settled(() => delivered);
  delivered = 0;
  const nodes = [...new Set([...subscribed, taking])];
  const before = await cpuOf(nodes, stage);
  const published =
    load === "busy"
      ? await publishAtOnce(taking, publishesAtOnce, seconds, channel)
      : await publishOn([taking], isQuick ? 200 : 1_000, seconds, () => channel);
  await settled(() => delivered);
  const after = await cpuOf(nodes, stage);
  for (const crowd of crowds) closeCrowd(crowd);
  const perPublish = (node: Target | undefined) =>
    node === undefined ? null : (after.of(node) - before.of(node)) / published.accepted;
  return {
    what,
    perSecond: published.accepted / published.seconds,
    taking: perPublish(taking),
    delivering: perPublish(subscribed.find((node) => node !== taking)),
    redis: stage === undefined ? null : (after.redisMicros - before.redisMicros) / published.accepted,
    delivered: subscribed.length === 0 ? "–" : share(delivered, published.accepted * subscribed.length),
  };
}
