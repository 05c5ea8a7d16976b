/**
 * The clock of one node is 30 s ahead of the others, and later 30 s behind. Shared state must not depend on a node's clock:
 * no node is considered dead, each idempotency key works once, every node has the cached events, and webhooks are sent once.
 */
import { startPostgres } from "../../server/test/support/services/postgres.ts";
import { Admin } from "../client/admin.ts";
import { LightClient } from "../client/light-client.ts";
import { postEvent } from "../client/post-event.ts";
import { readSequence } from "../client/stamp.ts";
import { WebhookReceiver } from "../client/webhook-receiver.ts";
import { startCluster } from "../target/cluster.ts";
import { Shim } from "../target/shim.ts";
import type { Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";
import { MemberWatch } from "./member-watch.ts";

const apartS = 30;
/** Longer than a lease, so that a lease that is not renewed expires. */
const watchedMs = { quick: 12_000, short: 30_000, long: 120_000 } satisfies Record<Extent, number>;
const presence = "presence-room";

export const nodeClocks: Fault = {
  title: "nodes whose clocks are 30 s apart work as one cluster, also after a clock is set back",
  async run(extent) {
    if (!Shim.isPossible) return { figures: { "left out": "requires Linux and a C compiler" }, problems: [] };
    const shim = new Shim();
    const receiver = new WebhookReceiver();
    // SQLite uses the clock of its process, and its file is on one machine; nodes on several machines share a database server.
    const database = await startPostgres();
    shim.order({ clockS: apartS });
    const cluster = await startCluster(2, (index) => ({
      ...Admin.environment,
      SOKETIFY_DATABASE_URL: database.url,
      ...(index === 1 ? shim.environment : {}),
    }));
    try {
      const { nodes } = cluster;
      const [first] = nodes;
      if (first === undefined) throw new Error("There are two nodes");
      await new Admin(first).addWebhook({ events: ["channel_occupied"], url: receiver.url });
      const watches = await Promise.all(
        nodes.map((node, index) => MemberWatch.open(node, [presence], `watch-${index}`)),
      );
      const problems: string[] = [];
      for (const clockS of [apartS, -apartS]) {
        shim.order({ clockS });
        const found = await checkBothNodes(nodes, `at-${clockS}`, receiver);
        problems.push(...found.map((problem) => `at ${clockS} s: ${problem}`));
      }
      const turnedAt = performance.now();
      await until("a lease has expired", () => performance.now() - turnedAt > watchedMs[extent], 600_000);
      problems.push(
        ...watches.flatMap(({ anomalies }) => anomalies),
        ...failures({
          "no node was considered dead": watches.every(({ removals }) => removals.size === 0),
          "both nodes have both members": watches.every(({ members }) => members.get(presence)?.size === 2),
        }),
      );
      for (const watch of watches) watch.close();
      return { figures: { "seconds apart": apartS }, problems };
    } finally {
      await cluster.stop();
      await database.remove();
      await receiver.stop();
      shim.remove();
    }
  },
};

/** Checks that both nodes behave the same, on channels whose names start with `name`. */
async function checkBothNodes(
  nodes: readonly Target[],
  name: string,
  receiver: WebhookReceiver,
): Promise<string[]> {
  const received = await Promise.all(nodes.map((node) => listen(node, name)));
  const once = { "idempotency-key": name };
  const answers = [];
  for (const node of nodes) answers.push(await postEvent(node, name, 0, once));
  for (const node of nodes) answers.push(await postEvent(node, name, 1));
  await until("all clients have the last event", () =>
    received.every((mine) => count(mine, 1) === nodes.length),
  );
  const cached: number[][] = [];
  for (const [index, node] of nodes.entries()) {
    const channel = `cache-${name}-${index}`;
    await postEvent(node, channel, index);
    cached.push(...(await Promise.all(nodes.map((other) => listen(other, channel)))));
  }
  await until("the cached events arrive", () => cached.every((mine) => mine.length > 0), 10_000).catch(
    () => undefined, // reported below
  );
  const occupied = [name, ...nodes.map((_, index) => `cache-${name}-${index}`)];
  await until("the webhooks have come", () => occupied.every((one) => receiver.channels.includes(one)));
  return failures({
    "events signed with the correct time are accepted": answers.every(({ status }) => status === 200),
    "an idempotency key delivers its event once": received.every((mine) => count(mine, 0) === 1),
    "each node sends the cached event of each channel": cached.every((mine) => mine.length === 1),
    "each webhook is sent once": occupied.every((one) => count(receiver.channels, one) === 1),
  });
}

/** The events that a client of the node receives in the channel after it subscribes. */
async function listen(node: Target, channel: string): Promise<number[]> {
  const received: number[] = [];
  const client = await LightClient.connect(
    { port: node.port, key: node.app.key },
    { onEvent: (bytes, _start, end) => received.push(readSequence(bytes, end)) },
  );
  await client.subscribe(channel);
  return received;
}

function count<T>(all: readonly T[], wanted: T): number {
  return all.filter((one) => one === wanted).length;
}

if (import.meta.main) await runAsProgram(nodeClocks);
