/** Connections open and close for a long time while events are published. Memory must not grow. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Api } from "../client/api.ts";
import { closeCrowd, inParallel, openCrowd } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { type MemorySample, memoryCurveSvg, memoryTrend } from "../report/memory-curve.ts";
import { processCpuMicros, processUsage } from "../target/process-usage.ts";
import { startSoketify } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { connections: 100, minutes: 0, pauseMs: 0 },
  short: { connections: 2000, minutes: 3, pauseMs: 500 },
  long: { connections: 2000, minutes: 60, pauseMs: 500 },
} satisfies Record<Extent, unknown>;

const roundsMin = 8;
const sampleEverySeconds = 10;
const trendMax = 0.05;

const churnShare = 0.05;
const channelCount = 50;

export const churnSoak: Fault = {
  title: "memory stays flat while connections open and close and events are published",
  async run(extent) {
    const { connections, minutes, pauseMs } = sizes[extent];
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
    const curve: MemorySample[] = [];
    const cpuBefore = processCpuMicros(target.pid);
    let cpuPercent = 0;
    const began = performance.now();
    const secondsSince = (): number => (performance.now() - began) / 1000;
    let due = 0;
    let round = 0;
    try {
      for (; round < roundsMin || secondsSince() < 60 * minutes; round += 1) {
        const turn = Math.ceil(connections * churnShare);
        await inParallel(turn, async (step) => {
          const index = (round * turn + step) % connections;
          clients[index]?.cut();
          const client = await LightClient.connect(address, listeners);
          await client.subscribe(channelOf(index));
          clients[index] = client;
        });
        await until("the closed ones are gone", async () => (await api.connectionCount()) === connections);
        for (let channel = 0; channel < channelCount; channel += 1)
          await api.publish(channelOf(channel), round);
        due += connections;
        await until("all have the round's event", () => received >= due);
        const seconds = secondsSince();
        if (seconds >= curve.length * sampleEverySeconds) {
          curve.push({ seconds, mebibytes: processUsage(target.pid).rssBytes / 2 ** 20 });
          if (extent !== "quick") writeCurve(extent, curve);
        }
        await Bun.sleep(pauseMs);
      }
      cpuPercent = (processCpuMicros(target.pid) - cpuBefore) / 1e4 / secondsSince();
    } finally {
      api.close();
      closeCrowd(clients);
      await target.stop();
    }
    const { firstMebibytes, lastMebibytes, rise } = memoryTrend(curve);
    return {
      figures: {
        connections,
        rounds: round,
        "connections that closed and opened": round * Math.ceil(connections * churnShare),
        minutes: secondsSince() / 60,
        deliveries: received,
        "CPU of the server, % of a core": cpuPercent,
        "MiB after the warm-up": firstMebibytes,
        "MiB at the end": lastMebibytes,
        "growth of memory after the warm-up, %": 100 * rise,
      },
      problems: failures({
        "every client received each event once": received === due,
        // In a soak of three minutes the process is still growing to its normal size.
        "after the warm-up, memory grows by at most 5 %": extent !== "long" || rise <= trendMax,
      }),
    };
  },
};

/** Writes the file after each sample, so that an aborted soak has a curve too. */
function writeCurve(extent: Extent, curve: readonly MemorySample[]): void {
  const file = join(import.meta.dir, "../results", `churn-soak-${extent}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    `${file}.json`,
    `${JSON.stringify(curve.map(({ seconds, mebibytes }) => [Math.round(seconds), Number(mebibytes.toFixed(1))]))}\n`,
  );
  writeFileSync(`${file}.svg`, memoryCurveSvg("Resident memory of the server", curve));
}

if (import.meta.main) await runAsProgram(churnSoak);
