/** CPU time and memory of a process and its children, from /proc. NaN for pid 0: a process that cannot be measured. */
import { readdirSync, readFileSync } from "node:fs";

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

/** The process and all its descendants, parents first. */
export function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" "))
    .filter((child) => child !== "")
    .map(Number);
  return [pid, ...children.flatMap(processTree)];
}

function usageOf(pid: number): Usage {
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(memory)?.[1] ?? 0) * 1024;
  return { cpuMicros: cpuMicros(pid), pssBytes: bytes("Pss"), rssBytes: bytes("Rss") };
}

const microsPerTick = 10_000;

/** CPU time of all threads, including those that have ended. The kernel counts exactly, and rounds to hundredths of a second here. */
function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The program's name is in parentheses and may contain spaces; user and system time are the 12th and 13th fields after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * microsPerTick;
}
