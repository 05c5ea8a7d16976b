/** A soak with churn: connections come and go while events flow; the memory curve must be flat. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Api } from "../client/api.ts";
import { closeCrowd, inParallel, openCrowd } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { processUsage } from "../target/process-usage.ts";
import { startSoketify } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { connections: 100, rounds: 8, pauseMs: 0 },
  short: { connections: 2000, rounds: 120, pauseMs: 500 },
  long: { connections: 2000, rounds: 7000, pauseMs: 500 },
} satisfies Record<Extent, unknown>;

const churnShare = 0.05;
const channelCount = 50;

export const churnSoak: Fault = {
  title: "connections come and go while events flow, and memory stays flat",
  async run(extent) {
    const { connections, rounds, pauseMs } = sizes[extent];
    const target = await startSoketify();
    const address = { port: target.port, key: target.app.key };
    let received = 0;
    const listeners = { onEvent: () => (received += 1) };
    const channelOf = (index: number): string => `churn-${index % channelCount}`;
    const clients = await openCrowd(
      address,
      connections,
      (index) => [channelOf(index)],
      () => listeners,
    );
    const api = await Api.connect(target);
    const curve: { seconds: number; mebibytes: number }[] = [];
    const began = performance.now();
    let due = 0;
    try {
      for (let round = 0; round < rounds; round += 1) {
        const turn = Math.ceil(connections * churnShare);
        await inParallel(turn, async (step) => {
          const index = (round * turn + step) % connections;
          clients[index]?.cut();
          const client = await LightClient.connect(address, listeners);
          await client.subscribe(channelOf(index));
          clients[index] = client;
        });
        await until("those who left are gone", async () => (await api.connectionCount()) === connections);
        for (let channel = 0; channel < channelCount; channel += 1)
          await api.publish(channelOf(channel), round);
        due += connections;
        await until("everybody has the round's event", () => received >= due);
        const seconds = (performance.now() - began) / 1000;
        curve.push({ seconds, mebibytes: processUsage(target.pid).pssBytes / 2 ** 20 });
        await Bun.sleep(pauseMs);
      }
    } finally {
      api.close();
      closeCrowd(clients);
      await target.stop();
    }
    const second = mean(curve, 0.25, 0.5);
    const last = mean(curve, 0.75, 1);
    if (extent !== "quick") writeCurve(extent, curve);
    return {
      figures: {
        connections,
        rounds,
        deliveries: received,
        "MiB in the second quarter": second,
        "MiB in the last": last,
      },
      problems: failures({
        "everybody received each event once": received === due,
        "the last quarter needs at most 5 % more memory than the second":
          extent === "quick" || last <= 1.05 * second,
      }),
    };
  },
};

function mean(curve: readonly { mebibytes: number }[], from: number, to: number): number {
  const part = curve.slice(Math.floor(from * curve.length), Math.ceil(to * curve.length));
  return part.reduce((sum, { mebibytes }) => sum + mebibytes, 0) / part.length;
}

function writeCurve(extent: Extent, curve: readonly object[]): void {
  const folder = join(import.meta.dir, "../results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `churn-soak-${extent}.json`), `${JSON.stringify(curve)}\n`);
}

if (import.meta.main) await runAsProgram(churnSoak);
