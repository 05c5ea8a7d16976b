/**
 * The clock of one node is 30 s ahead of the others', and later 30 s behind. Nothing that nodes share goes by a node's own
 * clock: nobody is taken for dead, keys are used once, kept events are there on every node, webhooks are sent once.
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
/** Longer than a lease, so that one that is not renewed ends. */
const watchedMs = { quick: 12_000, short: 30_000, long: 120_000 } satisfies Record<Extent, number>;
const presence = "presence-room";

export const nodeClocks: Fault = {
  title: "nodes whose clocks are 30 s apart are one cluster as any other, also where a clock is turned back",
  async run(extent) {
    if (!Shim.isPossible) return { figures: { "left out": "it needs Linux and a C compiler" }, problems: [] };
    const shim = new Shim();
    const receiver = new WebhookReceiver();
    // The embedded database has the clock of its process; the nodes' machines share a server's.
    const database = await startPostgres();
    shim.order({ clockS: apartS });
    const cluster = await startCluster(2, (index) => ({
      ...{ ...Admin.environment, SOKETIFY_DATABASE_URL: database.url },
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
        const found = await judge(nodes, `at-${clockS}`, receiver);
        problems.push(...found.map((problem) => `at ${clockS} s: ${problem}`));
      }
      const turnedAt = performance.now();
      await until("a lease is over", () => performance.now() - turnedAt > watchedMs[extent], 600_000);
      problems.push(
        ...watches.flatMap(({ anomalies }) => anomalies),
        ...failures({
          "no node was taken for dead": watches.every(({ removals }) => removals.size === 0),
          "both know both members": watches.every(({ members }) => members.get(presence)?.size === 2),
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

/** What both nodes must do alike, on channels of this name. */
async function judge(nodes: readonly Target[], name: string, receiver: WebhookReceiver): Promise<string[]> {
  const heard = await Promise.all(nodes.map((node) => listen(node, name)));
  const once = { "idempotency-key": name };
  const answers = [];
  for (const node of nodes) answers.push(await postEvent(node, name, 0, once));
  for (const node of nodes) answers.push(await postEvent(node, name, 1));
  await until("everybody has what came last", () => heard.every((mine) => count(mine, 1) === nodes.length));
  const cached: number[][] = [];
  for (const [index, node] of nodes.entries()) {
    const channel = `cache-${name}-${index}`;
    await postEvent(node, channel, index);
    cached.push(...(await Promise.all(nodes.map((other) => listen(other, channel)))));
  }
  await until("the kept events arrive", () => cached.every((mine) => mine.length > 0), 10_000).catch(
    () => undefined, // told below
  );
  const occupied = [name, ...nodes.map((_, index) => `cache-${name}-${index}`)];
  await until("the webhooks have come", () => occupied.every((one) => receiver.channels.includes(one)));
  return failures({
    "what is signed by the right clock is accepted": answers.every(({ status }) => status === 200),
    "a key is used once": heard.every((mine) => count(mine, 0) === 1),
    "each node gives the kept event of each": cached.every((mine) => mine.length === 1),
    "each webhook is sent once": occupied.every((one) => count(receiver.channels, one) === 1),
  });
}

/** The events that a client of the node gets in the channel, from its subscription on. */
async function listen(node: Target, channel: string): Promise<number[]> {
  const heard: number[] = [];
  const client = await LightClient.connect(
    { port: node.port, key: node.app.key },
    { onEvent: (bytes, _start, end) => heard.push(readSequence(bytes, end)) },
  );
  await client.subscribe(channel);
  return heard;
}

function count<T>(all: readonly T[], wanted: T): number {
  return all.filter((one) => one === wanted).length;
}

if (import.meta.main) await runAsProgram(nodeClocks);
