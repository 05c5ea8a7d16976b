/**
 * One node loses its link to Redis for longer than its lease: first a node that then delivers locally, later a node that refuses
 * publishes (`SOKETIFY_CLUSTER_LOSS`). No connection is closed, and the state is complete again after the link works.
 */
import { LightClient } from "../client/light-client.ts";
import { postEvent } from "../client/post-event.ts";
import { readSequence } from "../client/stamp.ts";
import { type ClusterTarget, startCluster } from "../target/cluster.ts";
import type { Target } from "../target/target.ts";
import { ClusterStage } from "./cluster-stage.ts";
import { type Extent, type Fault, failures, health, runAsProgram, until } from "./fault.ts";

/** Longer than a lease and a sweep, so that the other node considers this node dead. */
const cutOffMs = { quick: 12_000, short: 20_000, long: 120_000 } satisfies Record<Extent, number>;
const channel = "loss";

export const nodeCutOff: Fault = {
  title:
    "a node without its link to Redis delivers locally or refuses, as configured, and recovers completely",
  async run(extent) {
    const cluster = await startCluster(2, (index) => ({
      SOKETIFY_CLUSTER_LOSS: index === 0 ? "local" : "refuse",
    }));
    try {
      const stage = await ClusterStage.open(cluster.nodes);
      let local: Response | undefined;
      const failure = {
        name: "cut off from one node",
        isDetected: true,
        begin: async () => cutOff(cluster, 0),
        async end() {
          local = await postEvent(nodeOf(cluster, 0), channel, 0);
          reconnect(cluster, 0);
        },
      };
      const { backMs, found } = await stage.causeAndCheck(failure, cutOffMs[extent]);
      const refused = await refuses(cluster);
      stage.close();
      return {
        figures: { "ms until the nodes were healthy after the link was back": backMs },
        problems: [
          ...found,
          ...refused,
          ...failures({
            "the answer to a locally delivered event reports this":
              local?.status === 200 && local.headers.get("soketify-delivery") === "local",
          }),
        ],
      };
    } finally {
      await cluster.stop();
    }
  },
};

/** Publishes through the refusing node, before and after its link is back. */
async function refuses(cluster: ClusterTarget): Promise<string[]> {
  const received: number[] = [];
  const node = nodeOf(cluster, 1);
  const client = await LightClient.connect(
    { port: node.port, key: node.app.key },
    { onEvent: (bytes, _start, end) => received.push(readSequence(bytes, end)) },
  );
  await client.subscribe(channel);
  cutOff(cluster, 1);
  const isUnreachable = async () => (await health(node)).body.includes("Redis");
  await until("the node reports that it is degraded", isUnreachable);
  const { status, headers } = await postEvent(node, channel, 1);
  reconnect(cluster, 1);
  await until("the node is healthy", async () => !(await isUnreachable()));
  const after = await postEvent(node, channel, 2);
  await until("the event after it arrives", () => received.includes(2));
  client.cut();
  return failures({
    "an event is refused with 503 while Redis is unreachable": status === 503,
    "the refusal has a Retry-After header": Number(headers.get("retry-after")) > 0,
    "no client gets the refused event, then or later": !received.includes(1),
    "events are accepted once Redis is back": after.status === 200,
  });
}

function cutOff({ links }: ClusterTarget, index: number): void {
  const link = links[index];
  if (link === undefined) throw new Error("Each node has a link");
  link.targets = [];
  link.cut();
}

function reconnect({ links, redis }: ClusterTarget, index: number): void {
  const link = links[index];
  if (link !== undefined) link.targets = [redis.port];
}

function nodeOf({ nodes }: ClusterTarget, index: number): Target {
  const node = nodes[index];
  if (node === undefined) throw new Error("A cluster has nodes");
  return node;
}

if (import.meta.main) await runAsProgram(nodeCutOff);
