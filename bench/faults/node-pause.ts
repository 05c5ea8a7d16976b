/**
 * A node is paused for longer than its lease, and resumes. The other node removes its members, once each. When the node
 * resumes it adds them again, except those who left in the pause, and its subscribers get every event of the pause.
 */
import { Api } from "../client/api.ts";
import { LightClient } from "../client/light-client.ts";
import { readSequence } from "../client/stamp.ts";
import { startCluster } from "../target/cluster.ts";
import { processTree } from "../target/process-usage.ts";
import type { Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";
import { joinPresence, MemberWatch } from "./member-watch.ts";

const pauseMs = { quick: 0, short: 20_000, long: 120_000 } satisfies Record<Extent, number>;
const channel = "news";
const presence = "presence-room";
const eventsMeanwhile = 100;

export const nodePause: Fault = {
  title:
    "a node that was paused for longer than its lease restores its members, without stale ones, and misses no event",
  async run(extent) {
    const cluster = await startCluster(2);
    const [paused, other] = cluster.nodes;
    if (paused === undefined || other === undefined) throw new Error("There are two nodes");
    try {
      const here = await MemberWatch.open(paused, [presence], "here");
      const there = await MemberWatch.open(other, [presence], "there");
      await enter(paused, "stayer");
      const leaver = await enter(paused, "leaver");
      const listener = await listen(paused);
      const knows = (watch: MemberWatch, ...users: string[]) =>
        Bun.deepEquals([...(watch.members.get(presence) ?? [])].sort(), users.sort());
      await until("both know all members", () =>
        [here, there].every((watch) => knows(watch, "here", "leaver", "stayer", "there")),
      );

      signal(paused, "SIGSTOP");
      const stoppedAt = performance.now();
      await until("the other node has swept it", () => knows(there, "there"));
      const sweptMs = performance.now() - stoppedAt;
      leaver.cut();
      const api = await Api.connect(other);
      for (let sequence = 0; sequence < eventsMeanwhile; sequence++) await api.publish(channel, sequence);
      await until("the pause is over", () => performance.now() - stoppedAt >= pauseMs[extent], 600_000);
      signal(paused, "SIGCONT");
      const continuedAt = performance.now();
      await until("both know who remains", () =>
        [here, there].every((watch) => knows(watch, "here", "stayer", "there")),
      );
      const backMs = performance.now() - continuedAt;
      let next = eventsMeanwhile;
      await until("an event after the pause arrives", async () => {
        await api.publish(channel, next);
        next += 1;
        return listener.received.some((sequence) => sequence >= eventsMeanwhile);
      });
      const leases =
        await Bun.$`redis-cli -p ${cluster.redis.port} --raw keys "soketify:node:*:lease"`.text();
      api.close();
      for (const watch of [here, there]) watch.close();
      return {
        figures: {
          "ms until the node was swept": sweptMs,
          "ms until healthy after the pause": backMs,
        },
        problems: [
          ...[here, there].flatMap(({ anomalies }) => anomalies),
          ...failures({
            "the departure of each member was reported once": ["here", "leaver", "stayer"].every(
              (user) => there.removals.get(`${presence} ${user}`) === 1,
            ),
            "the node has a lease again": leases.trim().split("\n").length === 2,
            "its subscribers got each event at most once and in order": listener.received.every(
              (sequence, index) => sequence > (listener.received[index - 1] ?? -1),
            ),
            // Other tests that keep the machine busy may break the node's link to Redis for a moment.
            "its subscribers got each event of the pause":
              extent === "quick" ||
              listener.received.filter((one) => one < eventsMeanwhile).length === eventsMeanwhile,
            "no client was closed": listener.closes === 0,
          }),
        ],
      };
    } finally {
      signal(paused, "SIGCONT");
      await cluster.stop();
    }
  },
};

async function enter(node: Target, userId: string): Promise<LightClient> {
  const client = await LightClient.connect({ port: node.port, key: node.app.key }, {});
  await joinPresence(node, client, [presence], userId);
  return client;
}

async function listen(node: Target) {
  const listener = { received: [] as number[], closes: 0 };
  const client = await LightClient.connect(
    { port: node.port, key: node.app.key },
    {
      onEvent: (bytes, _start, end) => listener.received.push(readSequence(bytes, end)),
      onClose: () => {
        listener.closes += 1;
      },
    },
  );
  await client.subscribe(channel);
  return listener;
}

function signal(node: Target, name: NodeJS.Signals): void {
  for (const pid of processTree(node.pid)) process.kill(pid, name);
}

if (import.meta.main) await runAsProgram(nodePause);
