/** Reads the memory limit of this process from its control groups and the machine. */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";

const ownGroups = "proc/self/cgroup";
/** For each cgroup version: the folder of the groups, and the file with a group's limit. */
const versions = {
  v1: { folder: "sys/fs/cgroup/memory", file: "memory.limit_in_bytes" },
  v2: { folder: "sys/fs/cgroup", file: "memory.max" },
} as const;

/**
 * The minimum of the machine's memory and the limits of the process's control group and its parents, in bytes.
 * @param root the root folder of the system's files
 */
export function memoryLimitBytes(root = "/", machineBytes = totalmem()): number {
  const lines = (read(root, ownGroups) ?? "").split("\n");
  const limits = lines.flatMap((line) => limitsOf(line, root));
  return Math.min(machineBytes, ...limits);
}

/** @param line `4:memory:/path` in version 1 or `0::/path` in version 2; a machine may have both */
function limitsOf(line: string, root: string): number[] {
  const [, id, controllers = "", path = ""] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
  const isV2 = id === "0" && controllers === "";
  if (!isV2 && !controllers.split(",").includes("memory")) return [];
  const { folder, file } = isV2 ? versions.v2 : versions.v1;
  const limits: number[] = [];
  const names = path.split("/").filter((name) => name !== "");
  // In a container the path may be that of the host. Then only its outermost folder exists here.
  for (let depth = names.length; depth >= 0; depth -= 1) {
    const limit = Number(read(root, join(folder, ...names.slice(0, depth), file)) ?? Number.NaN);
    // `max` means no limit.
    if (limit > 0) limits.push(limit);
  }
  return limits;
}

/** Null if the file does not exist. */
function read(root: string, path: string): string | null {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return null;
  }
}
