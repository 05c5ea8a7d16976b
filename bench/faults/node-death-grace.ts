/**
 * With presence grace, a node is killed, and some seconds later a second one. No departure is reported for a member who
 * reconnects within the grace. The departure of each other member is reported once, and not before the grace is over.
 */
import { Admin } from "../client/admin.ts";
import { inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { WebhookReceiver } from "../client/webhook-receiver.ts";
import { type ClusterTarget, startCluster } from "../target/cluster.ts";
import type { Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";
import { joinPresence, MemberWatch } from "./member-watch.ts";

const sizes = {
  quick: { members: 60, channels: 6 },
  short: { members: 500, channels: 50 },
  long: { members: 5_000, channels: 500 },
} satisfies Record<Extent, unknown>;

const graceMs = 17_000;
/** By then the lease of the first node has ended, and everything of the node except its members has been swept. */
const returnAfterMs = 13_000;
/** The clocks of two processes on one machine. */
const earlyMsMax = 50;
const lateMsMax = 5_000;

export const nodeDeathGrace: Fault = {
  title:
    "members of a killed node who reconnect within the grace never leave; the others leave when the grace is over",
  async run(extent) {
    const { members, channels } = sizes[extent];
    const receiver = new WebhookReceiver();
    const cluster = await startCluster(3, () => Admin.environment);
    try {
      const [dying, sweeping, staying] = cluster.nodes;
      if (dying === undefined || sweeping === undefined || staying === undefined)
        throw new Error("A cluster has nodes");
      const admin = new Admin(staying);
      await admin.setRules([{ pattern: "presence-*", presenceGraceMs: graceMs }]);
      await admin.addWebhook({ events: ["member_removed", "channel_vacated"], url: receiver.url });
      const names = Array.from({ length: channels }, (_, index) => `presence-${index}`);
      // No client watches the last channel, so it is vacated when its last member leaves.
      const watch = await MemberWatch.open(staying, names.slice(0, -1), "watch");
      const enter = async (node: Target, index: number) => {
        const client = await LightClient.connect({ port: node.port, key: node.app.key }, {});
        await joinPresence(node, client, [names[index % channels] ?? ""], `user-${index}`);
      };
      const known = () => [...watch.members.values()].reduce((sum, one) => sum + one.size, 0);
      await inParallel(members, (index) => enter(dying, index));
      const watched = (members / channels + 1) * (channels - 1);
      await until("all are known", () => known() === watched);
      const killedAt = performance.now();
      const passed = (ms: number) =>
        until(`${ms} ms have passed`, () => performance.now() - killedAt >= ms, graceMs * 2);
      await cluster.kill(dying);
      const aliveAt = await lastAliveAt(cluster);
      await passed(returnAfterMs - 1_000);
      await cluster.kill(sweeping);
      await passed(returnAfterMs);
      // Half of the members of each channel, but none of the last channel.
      const isBack = (index: number) => index % channels < channels - 1 && index < members / 2;
      const back = Array.from({ length: members }, (_, index) => index).filter(isBack);
      await inParallel(back.length, (index) => enter(staying, back[index] ?? 0));
      await until("a departure", () => watch.removals.size + receiver.events.length > 0);
      const firstMs = performance.now() - aliveAt;
      const gone = members - back.length;
      const unwatchedGone = members / channels;
      await until("the others have left", () => watch.removals.size >= gone - unwatchedGone);
      const sweptMs = performance.now() - killedAt;
      await until("all webhooks have arrived", () => receiver.events.length > gone);
      // Wrong departures would have been reported by then.
      await passed(graceMs + lateMsMax + 2_000);
      watch.close();
      return {
        figures: { members, channels, "came back": back.length, "ms until the others had left": sweptMs },
        problems: [
          ...watch.anomalies.slice(0, 5),
          ...failures({
            "no departure was reported within the grace": firstMs >= graceMs - earlyMsMax,
            "those who did not reconnect left when the grace was over": sweptMs <= graceMs + lateMsMax,
            "each departure was reported once, and none of a member who reconnected": [
              ...watch.removals,
            ].every(([key, times]) => times === 1 && !back.some((index) => key.endsWith(` user-${index}`))),
            "each departure was reported to the clients": watch.removals.size === gone - unwatchedGone,
            "one webhook for each departure, and one for the vacated channel":
              receiver.events.length === gone + 1 && new Set(receiver.events).size === gone + 1,
          }),
        ],
      };
    } finally {
      await cluster.stop();
      await receiver.stop();
    }
  },
};

/** The earliest last sign of life of any node, on the clock of `performance`. Grace starts at the node's last one. */
async function lastAliveAt({ redis }: ClusterTarget): Promise<number> {
  const reports = await Bun.$`redis-cli -p ${redis.port} --raw hvals soketify:nodes`.text();
  const times = reports
    .trim()
    .split("\n")
    .map((report) => Number(JSON.parse(report).aliveAtMs));
  return performance.now() - (Date.now() - Math.min(...times));
}

if (import.meta.main) await runAsProgram(nodeDeathGrace);
