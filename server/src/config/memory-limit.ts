/** How much memory this process may use, as its control groups and the machine have it. */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";

const ownGroups = "proc/self/cgroup";
/** Where the groups of each version are, and the file in each that holds its limit. */
const versions = {
  v1: { folder: "sys/fs/cgroup/memory", file: "memory.limit_in_bytes" },
  v2: { folder: "sys/fs/cgroup", file: "memory.max" },
} as const;

/**
 * The least of the machine's memory, the limit of the process's control group and those of the groups around it.
 * @param root the folder that the system's files are in
 */
export function memoryLimitBytes(root = "/", machineBytes = totalmem()): number {
  const lines = (read(root, ownGroups) ?? "").split("\n");
  const limits = lines.flatMap((line) => limitsOf(line, root));
  return Math.min(machineBytes, ...limits);
}

/** A line is `4:memory:/path` in version 1 and `0::/path` in version 2; a machine may have both. */
function limitsOf(line: string, root: string): number[] {
  const [, id, controllers = "", path = ""] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
  const isV2 = id === "0" && controllers === "";
  if (!isV2 && !controllers.split(",").includes("memory")) return [];
  const { folder, file } = isV2 ? versions.v2 : versions.v1;
  const limits: number[] = [];
  const names = path.split("/").filter((name) => name !== "");
  // In a container the path may be the host's, of which only the outermost folder is there.
  for (let depth = names.length; depth >= 0; depth -= 1) {
    const limit = Number(read(root, join(folder, ...names.slice(0, depth), file)) ?? Number.NaN);
    // `max` is no number, and no limit.
    if (limit > 0) limits.push(limit);
  }
  return limits;
}

/** Null where there is no such file. */
function read(root: string, path: string): string | null {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return null;
  }
}
