/** Reads what defaults depend on from the process that runs. */
import { readFileSync } from "node:fs";
import { memoryLimitBytes } from "./memory-limit.ts";
import type { Machine } from "./option.ts";

/** Where the system does not tell: what most of them allow at least. */
const descriptorsMaxUnknown = 10_240;

export function thisMachine(): Machine {
  return { env: process.env, descriptorsMax: descriptorsMax(), memoryBytes: memoryLimitBytes() };
}

/** The soft limit of open files: only Linux says it without a child process. */
export function descriptorsMax(): number {
  if (process.platform !== "linux") return descriptorsMaxUnknown;
  const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  const soft = Number(line?.[1]);
  return Number.isInteger(soft) ? soft : descriptorsMaxUnknown;
}

const reserveMax = 256;

/** How many of them sockets may take, so that HTTP requests and the database find some left. */
export function descriptorsForSockets(max = descriptorsMax()): number {
  return max - Math.min(reserveMax, Math.floor(max / 4));
}
