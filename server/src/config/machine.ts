/** Reads the properties of the machine on which defaults depend. */
import { readFileSync } from "node:fs";
import { memoryLimitBytes } from "./memory-limit.ts";
import type { Machine } from "./option.ts";

/** Used if the system does not report its limit: most systems allow at least this many. */
const descriptorsMaxUnknown = 10_240;

export function thisMachine(): Machine {
  return { env: process.env, descriptorsMax: descriptorsMax(), memoryBytes: memoryLimitBytes() };
}

/** The soft limit of open files. Only Linux reports it without a child process. */
export function descriptorsMax(): number {
  if (process.platform !== "linux") return descriptorsMaxUnknown;
  const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  const soft = Number(line?.[1]);
  return Number.isInteger(soft) ? soft : descriptorsMaxUnknown;
}

const reserveMax = 256;

/** The file descriptors that sockets may use; the rest is reserved for HTTP requests and the database. */
export function descriptorsForSockets(max = descriptorsMax()): number {
  return max - Math.min(reserveMax, Math.floor(max / 4));
}
