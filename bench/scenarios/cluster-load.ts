/** Shared code of the cluster scenario. */
import { HttpLine } from "../client/http-line.ts";
import { eventBody, Publisher } from "../client/publisher.ts";
import { signedRequest } from "../client/signature.ts";
import { nowMicros, stampedPayload } from "../client/stamp.ts";
import type { NodesOnRedis } from "../target/cluster.ts";
import { processCpuMicros } from "../target/process-usage.ts";
import type { Target } from "../target/target.ts";

const payloadBytes = 200;
const publisherConnections = 8;

/** Publishes through all nodes at the same time, an equal part through each. */
export async function publishOn(
  nodes: readonly Target[],
  eventsPerSecond: number,
  seconds: number,
  channelOf: (sequence: number) => string,
) {
  const publishers = await Promise.all(nodes.map((node) => Publisher.connect(node, publisherConnections)));
  const rate = eventsPerSecond / nodes.length;
  const all = await Promise.all(
    publishers.map((one) => one.publish({ eventsPerSecond: rate, seconds, payloadBytes, channelOf })),
  );
  for (const publisher of publishers) publisher.close();
  return {
    accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
    seconds: Math.max(...all.map((one) => one.seconds)),
  };
}

/** Publishes to one channel for `seconds`. `atOnce` publishes are always in flight (closed loop). */
export async function publishAtOnce(
  { app, port }: Target,
  atOnce: number,
  seconds: number,
  channel: string,
): Promise<{ accepted: number; seconds: number }> {
  const lines = await Promise.all(Array.from({ length: atOnce }, () => HttpLine.connect(port)));
  const began = performance.now();
  let accepted = 0;
  await Promise.all(
    lines.map(async (line) => {
      while (performance.now() - began < seconds * 1_000) {
        const body = eventBody(channel, stampedPayload(payloadBytes, accepted, nowMicros()));
        const { status } = await line.send(signedRequest(app, "POST", "/events", body));
        if (status !== 200) throw new Error(`a publish was answered ${status}`);
        accepted += 1;
      }
      line.close();
    }),
  );
  return { accepted, seconds: (performance.now() - began) / 1_000 };
}

/** Resolves after a second in which the count did not change. */
export async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await Bun.sleep(1_000);
  }
}

export async function cpuOf(nodes: readonly Target[], stage: NodesOnRedis | undefined) {
  const byPid = new Map(nodes.map(({ pid }) => [pid, processCpuMicros(pid)]));
  const redisMicros = (await stage?.redisCpuMicros()) ?? 0;
  return { redisMicros, of: ({ pid }: Target) => byPid.get(pid) ?? 0 };
}

export function nodesOf({ nodes }: NodesOnRedis): [Target, Target, Target] {
  const [first, second, third] = nodes;
  if (first === undefined || second === undefined || third === undefined)
    throw new Error("There are three nodes");
  return [first, second, third];
}

export function nodeAt(nodes: readonly [Target, ...Target[]], index: number): Target {
  return nodes[index % nodes.length] ?? nodes[0];
}

export function addressOf({ port, app }: Target) {
  return { port, key: app.key };
}

export function share(count: number, due: number): string {
  return `${((100 * count) / due).toFixed(2)} %`;
}
