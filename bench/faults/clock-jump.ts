/** The server's wall clock jumps an hour forward and an hour back, for example after a suspend or because of a wrong time server. */
import { Admin } from "../client/admin.ts";
import { Api } from "../client/api.ts";
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { WebhookReceiver } from "../client/webhook-receiver.ts";
import { Shim } from "../target/shim.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until, type Verdict } from "./fault.ts";

const sizes = {
  quick: { connections: 50, heartbeatMs: 1000 },
  short: { connections: 2000, heartbeatMs: 5000 },
  long: { connections: 10_000, heartbeatMs: 30_000 },
} satisfies Record<Extent, unknown>;

const hourS = 3600;
const jumpsS = [hourS, -hourS, 0];
const pingsEach = 2;
/** Time limit on top of the intervals. */
const patienceMs = 60_000;

export const clockJump: Fault = {
  title:
    "a clock that jumps an hour closes no connection, delays nothing and moves the window of valid signatures",
  async run(extent) {
    if (!Shim.isPossible) return { figures: { "left out": "requires Linux and a C compiler" }, problems: [] };
    const { connections, heartbeatMs } = sizes[extent];
    const shim = new Shim();
    const receiver = new WebhookReceiver();
    const reported = receiver.channels;
    const crowd = { pings: new Uint32Array(connections), received: 0, closed: 0, reported };
    const target = await startSoketify({
      ...Admin.environment,
      ...shim.environment,
      SOKETIFY_HEARTBEAT_INTERVAL_MS: String(heartbeatMs),
    });
    try {
      await new Admin(target).addWebhook({ events: ["channel_occupied"], url: receiver.url });
      const clients = await openCrowd(
        { port: target.port, key: target.app.key },
        connections,
        () => ["clock"],
        (index) => ({
          onPing: () => (crowd.pings[index] = (crowd.pings[index] ?? 0) + 1),
          onEvent: () => (crowd.received += 1),
          onClose: () => (crowd.closed += 1),
        }),
      );
      const verdicts: Verdict[] = [];
      for (const jumpS of jumpsS) {
        shim.order({ clockS: jumpS });
        verdicts.push(await checkAfterJump(target, jumpS, crowd, heartbeatMs));
      }
      closeCrowd(clients);
      return {
        figures: Object.assign({ connections }, ...verdicts.map(({ figures }) => figures)),
        problems: verdicts.flatMap(({ problems }) => problems),
      };
    } finally {
      await target.stop();
      await receiver.stop();
      shim.remove();
    }
  },
};

interface Seen {
  readonly pings: Uint32Array;
  received: number;
  closed: number;
  /** The channels in the webhook's events. */
  readonly reported: readonly string[];
}

/** Checks the features that must work immediately after a jump. */
async function checkAfterJump(
  target: Target,
  jumpS: number,
  crowd: Seen,
  heartbeatMs: number,
): Promise<Verdict> {
  crowd.pings.fill(0);
  const began = performance.now();
  const receivedBefore = crowd.received;
  const statuses = await publishByBothClocks(target, jumpS);
  const newcomer = await LightClient.connect({ port: target.port, key: target.app.key }, {});
  const occupied = `occupied-at-${jumpS}`;
  await newcomer.subscribe(occupied);
  await until("the webhook has the event", () => crowd.reported.includes(occupied));
  const webhookMs = performance.now() - began;
  await until(
    "all clients were pinged",
    () => crowd.pings.every((count) => count >= pingsEach),
    pingsEach * heartbeatMs + patienceMs,
  );
  newcomer.cut();
  const says = (claim: string): string => `at ${jumpS} s ${claim}`;
  return {
    figures: { [says("a webhook took ms")]: webhookMs },
    problems: failures({
      [says("no connection is closed")]: crowd.closed === 0,
      [says("an event signed with the server's new time is accepted")]: statuses.ours === 200,
      [says("an event signed with a time an hour off is refused")]: jumpS === 0 || statuses.others === 401,
      [says("all clients have the event")]: crowd.received - receivedBefore === crowd.pings.length,
    }),
  };
}

/** Publishes one event signed with the target's clock and, if that differs, one signed with the real clock. */
async function publishByBothClocks(target: Target, jumpS: number) {
  const api = await Api.connect(target);
  const nowS = Math.floor(Date.now() / 1000);
  const ours = await api.publish("clock", 0, 200, nowS + jumpS);
  const others = jumpS === 0 ? ours : await api.publish("clock", 1, 200, nowS);
  api.close();
  return { ours: ours.status, others: others.status };
}

if (import.meta.main) await runAsProgram(clockJump);
