/**
 * A node with members in presence channels is killed. Each departure is reported once to each client and one webhook, and
 * no stale member remains. No departure is reported for a member who reconnects through another node at once.
 */
import { Admin } from "../client/admin.ts";
import { inParallel } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { WebhookReceiver } from "../client/webhook-receiver.ts";
import { startCluster } from "../target/cluster.ts";
import type { Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";
import { joinPresence, MemberWatch } from "./member-watch.ts";

const sizes = {
  quick: { members: 100, channels: 10 },
  short: { members: 500, channels: 50 },
  long: { members: 5_000, channels: 500 },
} satisfies Record<Extent, unknown>;

const sweptWithinMs = 15_000;

export const nodeDeath: Fault = {
  title:
    "the departure of each member of a killed node is reported once within 15 s, unless the member reconnects",
  async run(extent) {
    const { members, channels } = sizes[extent];
    const receiver = new WebhookReceiver();
    const cluster = await startCluster(3, () => Admin.environment);
    try {
      const [dying, ...others] = cluster.nodes;
      if (dying === undefined) throw new Error("A cluster has nodes");
      await new Admin(dying).addWebhook({ events: ["member_removed"], url: receiver.url });
      const names = Array.from({ length: channels }, (_, index) => `presence-${index}`);
      const watches = await Promise.all(
        others.map((node, index) => MemberWatch.open(node, names, `watch-${index}`)),
      );
      const enter = async (node: Target, index: number) => {
        const client = await LightClient.connect({ port: node.port, key: node.app.key }, {});
        await joinPresence(node, client, [names[index % channels] ?? ""], `user-${index}`);
      };
      await inParallel(members, (index) => enter(dying, index));
      const isKnown = (count: number) =>
        watches.every(
          (watch) => [...watch.members.values()].reduce((sum, one) => sum + one.size, 0) === count,
        );
      const watchers = channels * watches.length;
      await until("all clients have all members", () => isKnown(members + watchers));
      const killedAt = performance.now();
      await cluster.kill(dying);
      const returning = members / 2;
      const [refuge = dying] = others;
      await inParallel(returning, (index) => enter(refuge, index));
      await until("no client has the members who left", () => isKnown(watchers + returning), 30_000);
      const sweptMs = performance.now() - killedAt;
      const departures = () => receiver.events.filter((event) => event.startsWith("member_removed"));
      await until("all webhooks have arrived", () => departures().length >= members - returning);
      for (const watch of watches) watch.close();
      return {
        figures: { members, channels, "ms until all departures were reported": sweptMs },
        problems: [
          ...watches.flatMap(({ anomalies }) => anomalies).slice(0, 5),
          ...failures({
            "all departures were reported within 15 s": sweptMs <= sweptWithinMs,
            "one webhook reports the departure of each member who left":
              departures().length === members - returning &&
              new Set(departures()).size === departures().length,
            "each client was notified once of each departure, and of no other departure": watches.every(
              ({ removals }) =>
                removals.size === members - returning && [...removals.values()].every((times) => times === 1),
            ),
          }),
        ],
      };
    } finally {
      await cluster.stop();
      await receiver.stop();
    }
  },
};

if (import.meta.main) await runAsProgram(nodeDeath);
