/** HTTP requests one after another on each of several connections (closed loop), and their CPU time on the server. */

import { Histogram } from "../client/histogram.ts";
import { HttpLine } from "../client/http-line.ts";
import { foreignShare, machineTime } from "../target/machine-load.ts";
import { processCpuMicros } from "../target/process-usage.ts";
import type { Target } from "../target/target.ts";
import type { Column } from "./scenario.ts";

export interface RequestFigures {
  readonly target: string;
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly refused: number;
  readonly cpuMicrosPerRequest: number;
  readonly serverCore: number;
  readonly foreignCore: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const requestColumns: readonly Column[] = [
  { key: "target", label: "server" },
  { key: "connections", label: "connections" },
  { key: "requestsPerSecond", label: "requests/s" },
  { key: "refused", label: "not 200" },
  { key: "cpuMicrosPerRequest", label: "CPU-µs/request", decimals: 1 },
  { key: "serverCore", label: "server CPU, cores", decimals: 2 },
  { key: "foreignCore", label: "other CPU, cores", decimals: 2 },
  { key: "p50Ms", label: "p50 ms", decimals: 3 },
  { key: "p99Ms", label: "p99 ms", decimals: 3 },
];

/** `next` creates each request. The first second is a warm-up and does not count. */
export async function runRequests(
  target: Target,
  connections: number,
  seconds: number,
  next: () => string,
): Promise<RequestFigures> {
  const lines = await Promise.all(
    Array.from({ length: connections }, () => HttpLine.connect(target.port, target.host)),
  );
  await sendFor(lines, 1, next);
  const before = { machine: machineTime(), server: processCpuMicros(target.pid), own: process.cpuUsage() };
  const { latency, refused, elapsed } = await sendFor(lines, seconds, next);
  const serverMicros = processCpuMicros(target.pid) - before.server;
  const own = process.cpuUsage(before.own);
  for (const line of lines) line.close();
  return {
    target: target.name,
    connections,
    requestsPerSecond: latency.count / elapsed,
    refused,
    cpuMicrosPerRequest: serverMicros / latency.count,
    serverCore: serverMicros / 1e6 / elapsed,
    foreignCore: foreignShare(before.machine, machineTime(), serverMicros + own.user + own.system, elapsed),
    p50Ms: latency.quantile(0.5) / 1000,
    p99Ms: latency.quantile(0.99) / 1000,
  };
}

async function sendFor(
  lines: readonly HttpLine[],
  seconds: number,
  next: () => string,
): Promise<{ latency: Histogram; refused: number; elapsed: number }> {
  const latency = new Histogram();
  const began = performance.now();
  const until = began + seconds * 1000;
  let refused = 0;
  const sendOn = async (line: HttpLine): Promise<void> => {
    for (let now = performance.now(); now < until; ) {
      const { status } = await line.send(next());
      const answered = performance.now();
      latency.record((answered - now) * 1000);
      if (status !== 200) refused += 1;
      now = answered;
    }
  };
  await Promise.all(lines.map(sendOn));
  return { latency, refused, elapsed: (performance.now() - began) / 1000 };
}
