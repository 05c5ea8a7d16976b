/** Two nodes publish to one channel at the same time. All subscribers on all nodes get all events in the same order. */
import { Api } from "../client/api.ts";
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import { readSequence } from "../client/stamp.ts";
import { startCluster } from "../target/cluster.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { events: 200 },
  short: { events: 5_000 },
  long: { events: 100_000 },
} satisfies Record<Extent, unknown>;

const channel = "order";
const subscribers = 20;
const nodeCount = 3;

export const clusterOrder: Fault = {
  title: "subscribers on three nodes get the events that two nodes publish to one channel in the same order",
  async run(extent) {
    const { events } = sizes[extent];
    const cluster = await startCluster(nodeCount);
    try {
      const received: number[][] = [];
      const crowds = await Promise.all(
        cluster.nodes.map(({ port, app }) =>
          openCrowd(
            { port, key: app.key },
            subscribers,
            () => [channel],
            () => {
              const mine: number[] = [];
              received.push(mine);
              return { onEvent: (bytes, _start, end) => mine.push(readSequence(bytes, end)) };
            },
          ),
        ),
      );
      const publishers = cluster.nodes.slice(0, 2);
      await Promise.all(
        publishers.map(async (node, place) => {
          const api = await Api.connect(node);
          for (let index = 0; index < events; index++)
            await api.publish(channel, index * publishers.length + place);
          api.close();
        }),
      );
      const expected = events * publishers.length;
      await until("all subscribers have every event", () =>
        received.every((mine) => mine.length >= expected),
      );
      const [first = []] = received;
      for (const crowd of crowds) closeCrowd(crowd);
      return {
        figures: { nodes: nodeCount, subscribers: received.length, events: expected },
        problems: failures({
          "every subscriber got every event once": received.every(
            (mine) => mine.length === expected && new Set(mine).size === expected,
          ),
          "all subscribers got the same order": received.every((mine) =>
            mine.every((one, at) => one === first[at]),
          ),
        }),
      };
    } finally {
      await cluster.stop();
    }
  },
};

if (import.meta.main) await runAsProgram(clusterOrder);
