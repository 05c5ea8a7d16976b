/** Requests with the same idempotency key race on two nodes, a thousand times. Each subscriber gets each event once. */
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import { postEvent } from "../client/post-event.ts";
import { startCluster } from "../target/cluster.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { keys: 3, repeats: 100 },
  short: { keys: 10, repeats: 1_000 },
  long: { keys: 100, repeats: 1_000 },
} satisfies Record<Extent, unknown>;

const channel = "once";

export const idempotencyRace: Fault = {
  title: "an idempotency key that is used on two nodes at the same time delivers its event once",
  async run(extent) {
    const { keys, repeats } = sizes[extent];
    const cluster = await startCluster(2);
    try {
      const received: number[] = [];
      const crowds = await Promise.all(
        cluster.nodes.map(({ port, app }, index) =>
          openCrowd(
            { port, key: app.key },
            1,
            () => [channel],
            () => ({
              onEvent: () => {
                received[index] = (received[index] ?? 0) + 1;
              },
            }),
          ),
        ),
      );
      const statuses = new Map<number, number>();
      for (let key = 0; key < keys; key++) {
        const answers = Array.from({ length: repeats }, async (_, index) => {
          const node = cluster.nodes[index % cluster.nodes.length];
          if (node === undefined) throw new Error("A cluster has nodes");
          const { status } = await postEvent(node, channel, key, { "idempotency-key": `race-${key}` });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        });
        await Promise.all(answers);
      }
      await until("all subscribers have all events", () => received.every((count) => count >= keys));
      for (const crowd of crowds) closeCrowd(crowd);
      return {
        figures: { keys, "requests per key": repeats, "answered with 200": statuses.get(200) ?? 0 },
        problems: failures({
          "every request was answered with 200": statuses.get(200) === keys * repeats,
          "every subscriber got each event once": received.every((count) => count === keys),
        }),
      };
    } finally {
      await cluster.stop();
    }
  },
};

if (import.meta.main) await runAsProgram(idempotencyRace);
