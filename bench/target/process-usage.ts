/** CPU time and memory of a process and its children, from /proc. NaN for pid 0: a process that cannot be measured. */
import { dlopen, FFIType } from "bun:ffi";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { errorCode } from "../../server/src/core/error-code.ts";

export interface Usage {
  /** CPU time of all threads, in microseconds. */
  readonly cpuMicros: number;
  /** Private memory plus its share of memory that it has in common with other processes (PSS). */
  readonly pssBytes: number;
  readonly rssBytes: number;
}

export function processUsage(pid: number): Usage {
  if (pid === 0) return { cpuMicros: Number.NaN, pssBytes: Number.NaN, rssBytes: Number.NaN };
  const usages = processTree(pid).map(usageOf);
  const sum = (key: keyof Usage): number => usages.reduce((total, usage) => total + usage[key], 0);
  return { cpuMicros: sum("cpuMicros"), pssBytes: sum("pssBytes"), rssBytes: sum("rssBytes") };
}

/** Only the CPU time: cheap enough to read between two phases of a run. */
export function processCpuMicros(pid: number): number {
  if (pid === 0) return Number.NaN;
  return processTree(pid).reduce((total, each) => total + cpuMicros(each), 0);
}

/** CPU time of the proxy in front of a server, which is 0 without a proxy. */
export function proxyCpuMicros({ proxyPid }: { readonly proxyPid?: number }): number {
  return proxyPid === undefined ? 0 : processCpuMicros(proxyPid);
}

/** The process and all its descendants, parents first. @throws if the process has ended */
export function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => childrenOf(pid, thread));
  return [pid, ...children.flatMap(processTree)];
}

/** Empty for a thread that has ended after the list of threads was read. */
function childrenOf(pid: number, thread: string): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ");
    return children.filter((child) => child !== "").map(Number);
  } catch (error) {
    if (/^(ENOENT|ESRCH)$/.test(errorCode(error))) return [];
    throw error;
  }
}

function usageOf(pid: number): Usage {
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(memory)?.[1] ?? 0) * 1024;
  return { cpuMicros: cpuMicros(pid), pssBytes: bytes("Pss"), rssBytes: bytes("Rss") };
}

/** C's `clock_gettime`: /proc rounds the CPU time of a process to hundredths of a second, a tenth of what an idle server uses in a minute. */
const libc = dlopen(libcName(), {
  clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
});
const clockTime = new BigInt64Array(2);

/** The number of the clock that counts the CPU time of the process, as `clock_getcpuclockid` forms it. */
const cpuClockOf = (pid: number): number => (~pid << 3) | 2;

/** CPU time of all threads, including those that have ended. */
function cpuMicros(pid: number): number {
  if (libc.symbols.clock_gettime(cpuClockOf(pid), clockTime) !== 0) throw new Error(`No process ${pid}`);
  return Number(clockTime[0]) * 1e6 + Number(clockTime[1]) / 1e3;
}

function libcName(): string {
  const musl = `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  return existsSync(`/lib/${musl}`) ? musl : "libc.so.6";
}
