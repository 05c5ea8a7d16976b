/** The machine of a benchmark, and the use of its cores: servers on core 0, clients and publisher on core 1. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

const cores = cpus();

/** Whether servers and clients each get a core of their own. Under `bun test` other tests use both cores. */
const isPinned = cores.length >= 2 && Bun.which("taskset") !== null && process.env.NODE_ENV !== "test";

/** Prefix of a server's command line. */
export const serverPin: readonly string[] = isPinned ? ["taskset", "-c", "0"] : [];

/** Moves all threads of this process to the clients' core. */
export function pinClients(): void {
  if (isPinned) Bun.spawnSync(["taskset", "-a", "-p", "-c", "1", String(process.pid)]);
}

/** Moves all threads of a server that was started without `serverPin` to the servers' core. */
export function pinServer(pid: number): void {
  if (isPinned) Bun.spawnSync(["taskset", "-a", "-p", "-c", "0", String(pid)]);
}

export function describeMachine(): Record<string, string> {
  return {
    processor: `${cores.length} × ${cores[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    bun: Bun.version,
    node: versionOf("node"),
    commit: Bun.spawnSync(["git", "rev-parse", "--short", "HEAD"]).stdout.toString().trim(),
    pinning: isPinned
      ? "servers on core 0, clients and publisher on core 1"
      : "none: one core, no taskset, or a test",
  };
}

/** Bytes that the kernel holds for the TCP sockets of all processes. */
export function kernelSocketBytes(): number {
  const pages = /^TCP:.* mem (\d+)/m.exec(readFileSync("/proc/net/sockstat", "utf8"))?.[1];
  return Number(pages ?? 0) * 4096;
}

/** Bytes of kernel objects in slabs, which include sockets and their files. */
export function kernelSlabBytes(): number {
  return Number(/^Slab: +(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1] ?? 0) * 1024;
}

function versionOf(command: string): string {
  return Bun.which(command) === null
    ? "none"
    : Bun.spawnSync([command, "--version"]).stdout.toString().trim();
}
