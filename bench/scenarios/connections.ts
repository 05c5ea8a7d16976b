/** Connections: how many the server accepts per second, each with a private subscription, and the cost of an idle one. */
import { closeCrowd, inParallel, openCrowd } from "../client/crowd.ts";
import { LightClient } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import { kernelSlabBytes, kernelSocketBytes } from "../target/machine.ts";
import { foreignShare, machineTime } from "../target/machine-load.ts";
import { processCpuMicros, processUsage, proxyCpuMicros } from "../target/process-usage.ts";
import {
  type StartTarget,
  startBunWebSocket,
  startNodeWs,
  startSoketify,
  type Target,
  withTargets,
} from "../target/target.ts";
import type { Column, Row, Scenario } from "./scenario.ts";
import { supports, unsupportedRow } from "./support.ts";

const connectColumns: readonly Column[] = [
  { key: "target", label: "server" },
  { key: "connections", label: "connections" },
  { key: "perSecond", label: "connects/s" },
  { key: "cpuMicrosEach", label: "CPU-µs each", decimals: 1 },
  { key: "serverCore", label: "server CPU, cores", decimals: 2 },
  { key: "foreignCore", label: "other CPU, cores", decimals: 2 },
];

export const connects: Scenario = {
  name: "connects",
  summary: "connections/s, each with a private subscription",
  async run({ isQuick, log, servers = [startSoketify, startNodeWs] }) {
    const rows: Row[] = [];
    const count = isQuick ? 300 : 8000;
    for (const start of servers) {
      const target = await start();
      try {
        log(`${target.name}: ${count} connections`);
        rows.push(
          supports(target, "private channels")
            ? await connectAll(target, count)
            : unsupportedRow(connectColumns, { target: target.name, connections: count }),
        );
      } finally {
        await target.stop();
      }
    }
    return [
      {
        title: "Connects with a private subscription each",
        columns: connectColumns,
        rows,
        notes: [
          "128 connects run at the same time. A connect consists of TCP, the upgrade, the hello, a signed subscribe and its acknowledgement.",
        ],
      },
    ];
  },
};

/** Its CPU time is that of the server and of the proxy in front of it. */
export async function connectAll(target: Target, count: number, atOnce?: number): Promise<Row> {
  const { host, port, isTls = false } = target;
  const address = { host, port, isTls, key: target.app.key };
  const before = {
    machine: machineTime(),
    server: processCpuMicros(target.pid),
    proxy: proxyCpuMicros(target),
    own: process.cpuUsage(),
  };
  const began = performance.now();
  const clients = await inParallel(
    count,
    async (index) => {
      const client = await LightClient.connect(address, {});
      const channel = `private-${index % 100}`;
      await client.subscribe(channel, channelCredentials(target.app, await client.socketId, channel));
      return client;
    },
    atOnce,
  );
  const seconds = (performance.now() - began) / 1000;
  const proxyMicros = proxyCpuMicros(target) - before.proxy;
  const serverMicros = processCpuMicros(target.pid) - before.server + proxyMicros;
  const own = process.cpuUsage(before.own);
  closeCrowd(clients);
  return {
    target: target.name,
    connections: count,
    perSecond: count / seconds,
    cpuMicrosEach: serverMicros / count,
    proxyMicrosEach: proxyMicros / count,
    serverCore: serverMicros / 1e6 / seconds,
    foreignCore: foreignShare(before.machine, machineTime(), serverMicros + own.user + own.system, seconds),
  };
}

/** In its first minutes a server still compiles its code and collects the garbage of its start, or of many connects. */
const settledAfterS = 150;
const idleAfterS = 45;

/** The CPU time of a server without connections. */
async function measureWithoutConnections(
  target: Target,
  settledAfter: number,
  seconds: number,
): Promise<Row> {
  await Bun.sleep(settledAfter * 1000);
  const before = processCpuMicros(target.pid);
  await Bun.sleep(seconds * 1000);
  const cpuPercent = (processCpuMicros(target.pid) - before) / 1e4 / seconds;
  return { target: target.name, pings: "none", connections: 0, cpuPercent };
}

/** The intervals of pings; the longer one is the default. */
const pingedEveryMs = 10_000;
const pingedEveryByDefaultMs = 25_000;

const idleServers: readonly (readonly [StartTarget, number | null])[] = [
  [startSoketify, pingedEveryMs],
  [startSoketify, pingedEveryByDefaultMs],
  [startBunWebSocket, null],
];

const idleColumns: readonly Column[] = [
  { key: "target", label: "server" },
  { key: "pings", label: "pings" },
  { key: "connections", label: "connections" },
  { key: "processBytesEach", label: "process B each" },
  { key: "kernelBytesEach", label: "kernel B each (both ends)" },
  { key: "cpuPercent", label: "CPU while idle, % of a core", decimals: 2 },
  { key: "foreignCore", label: "other CPU, cores", decimals: 2 },
];

export const idle: Scenario = {
  name: "idle",
  summary: "18,000 idle connections: memory of the process and of the kernel, CPU time with pings",
  async run({ isQuick, log, servers }) {
    const rows: Row[] = [];
    const compared = servers?.map((start) => [start, pingedEveryByDefaultMs] as const) ?? idleServers;
    if (servers === undefined) {
      log(`no connections: measured ${isQuick ? 1 : settledAfterS} seconds after the start`);
      await withTargets([startSoketify, startBunWebSocket], async (targets) => {
        const measured = targets.map((target) =>
          measureWithoutConnections(target, isQuick ? 1 : settledAfterS, isQuick ? 1 : 60),
        );
        rows.push(...(await Promise.all(measured)));
      });
    }
    for (const count of isQuick ? [500] : [10_000, 18_000]) {
      for (const [start, intervalMs] of compared) {
        const target = await start({ SOKETIFY_HEARTBEAT_INTERVAL_MS: String(intervalMs ?? 0) });
        try {
          log(`${target.name}: ${count} idle connections`);
          const pings =
            servers !== undefined ? "default" : intervalMs === null ? "none" : `every ${intervalMs / 1000} s`;
          rows.push(
            supports(target, "public channels")
              ? {
                  pings,
                  ...(await holdIdle(
                    target,
                    count,
                    isQuick ? { settleS: 0, seconds: 2 } : { settleS: idleAfterS, seconds: 30 },
                  )),
                }
              : unsupportedRow(idleColumns, { target: target.name, pings, connections: count }),
          );
        } finally {
          await target.stop();
        }
      }
    }
    return [
      {
        title: "Idle connections, one public channel each",
        columns: idleColumns,
        rows,
        notes: [
          `Process memory is the growth of PSS. Kernel memory is the growth of slabs and socket buffers, for both ends of each connection. By default the server sends a ping every ${pingedEveryByDefaultMs / 1000} s.`,
          `Without connections, the servers run at the same time and are measured from ${settledAfterS} seconds after their start. With connections, each server is measured from ${idleAfterS} seconds after the last one was opened.`,
          "Bun's own WebSocket server subscribes each connection to its channel and stores nothing else. It sends no pings.",
        ],
      },
    ];
  },
};

async function holdIdle(
  target: Target,
  count: number,
  { settleS, seconds }: { readonly settleS: number; readonly seconds: number },
): Promise<Row> {
  const kernelBytes = (): number => kernelSlabBytes() + kernelSocketBytes();
  const address = { host: target.host, port: target.port, key: target.app.key };
  // Open and close a first crowd, so that the process has allocated its base memory before the measurement.
  const warmUp = await openCrowd(address, Math.min(count, 500), (index) => [`channel-${index}`]);
  closeCrowd(warmUp);
  const before = { pss: processUsage(target.pid).pssBytes, kernel: kernelBytes() };
  const clients = await openCrowd(address, count, (index) => [`channel-${index}`]);
  await Bun.sleep(settleS * 1000);
  const idleFrom = { machine: machineTime(), server: processCpuMicros(target.pid), own: process.cpuUsage() };
  const began = performance.now();
  await Bun.sleep(seconds * 1000);
  const elapsed = (performance.now() - began) / 1000;
  const serverMicros = processCpuMicros(target.pid) - idleFrom.server;
  const own = process.cpuUsage(idleFrom.own);
  const row = {
    target: target.name,
    connections: count,
    processBytesEach: (processUsage(target.pid).pssBytes - before.pss) / count,
    kernelBytesEach: (kernelBytes() - before.kernel) / count,
    cpuPercent: serverMicros / 1e4 / elapsed,
    foreignCore: foreignShare(idleFrom.machine, machineTime(), serverMicros + own.user + own.system, elapsed),
  };
  closeCrowd(clients);
  return row;
}
