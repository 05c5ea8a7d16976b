/** Measures the cost of many idle connections that are only pinged, and checks that their memory is freed. */
import { Api } from "../client/api.ts";
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import { processCpuMicros, processUsage } from "../target/process-usage.ts";
import { startSoketify, type Target } from "../target/target.ts";
import { type Extent, type Fault, failures, runAsProgram, until } from "./fault.ts";

const sizes = {
  quick: { connections: 200, pingsEach: 1, heartbeatMs: 1000 },
  short: { connections: 10_000, pingsEach: 3, heartbeatMs: 10_000 },
  long: { connections: 18_000, pingsEach: 30, heartbeatMs: 60_000 },
} satisfies Record<Extent, unknown>;

export const idleSoak: Fault = {
  title: "idle connections that are only pinged stay open, and their memory is freed",
  async run(extent) {
    const { connections, pingsEach, heartbeatMs } = sizes[extent];
    const target = await startSoketify({ SOKETIFY_HEARTBEAT_INTERVAL_MS: String(heartbeatMs) });
    try {
      const first = await hold(target, connections, pingsEach, heartbeatMs);
      const second = await hold(target, connections, pingsEach, heartbeatMs);
      return {
        figures: {
          connections,
          "process bytes/connection": first.bytesEach,
          "CPU while idle, % of a core": first.cpuPercent,
          "MiB after the first crowd": first.afterBytes / 2 ** 20,
          "MiB after the second crowd": second.afterBytes / 2 ** 20,
        },
        problems: failures({
          "no idle connection was closed": first.closed + second.closed === 0,
          // In small crowds, garbage collection changes memory by more than this.
          "a second crowd leaves at most 5 % more memory than the first":
            extent === "quick" || second.afterBytes <= 1.05 * first.afterBytes,
        }),
      };
    } finally {
      await target.stop();
    }
  },
};

async function hold(target: Target, count: number, pingsEach: number, heartbeatMs: number) {
  const pings = new Uint32Array(count);
  let isOver = false;
  let closed = 0;
  const address = { port: target.port, key: target.app.key };
  const beforeBytes = processUsage(target.pid).pssBytes;
  const clients = await openCrowd(
    address,
    count,
    (index) => [`channel-${index}`],
    (index) => ({
      onPing: () => {
        pings[index] = (pings[index] ?? 0) + 1;
      },
      onClose: () => {
        if (!isOver) closed += 1;
      },
    }),
  );
  const bytesEach = (processUsage(target.pid).pssBytes - beforeBytes) / count;
  const began = performance.now();
  const cpuBefore = processCpuMicros(target.pid);
  await until(
    `every connection was pinged ${pingsEach} times`,
    () => pings.every((seen) => seen >= pingsEach),
    (pingsEach + 2) * heartbeatMs + 60_000,
  );
  const cpuPercent = (processCpuMicros(target.pid) - cpuBefore) / 10 / (performance.now() - began);
  isOver = true;
  closeCrowd(clients);
  const api = await Api.connect(target);
  await until("no connection is left", async () => (await api.connectionCount()) === 0);
  api.close();
  return { bytesEach, cpuPercent, closed, afterBytes: processUsage(target.pid).pssBytes };
}

if (import.meta.main) await runAsProgram(idleSoak);
