/** Allows one server at a time on a data folder. The operating system releases the lock whenever the process ends. */
import { Database } from "bun:sqlite";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { isConflict } from "./database-error.ts";

/** How long to wait, because a command may be checking the lock at this moment. */
const patienceMs = 1_000;

export interface FolderLock {
  release(): void;
}

class FolderTaken extends Error {}

/**
 * Holds the lock until `release()` or the end of the process.
 * @throws FolderTaken if another process holds it
 */
export function lockFolder(dataDir: string): FolderLock {
  const file = open(dataDir, patienceMs);
  if (file === null) throw new FolderTaken(messageFor(dataDir));
  const pidPath = join(dataDir, "soketify.pid");
  writeFileSync(pidPath, `${process.pid} ${hostname()}\n`, { mode: 0o600 });
  return {
    release() {
      rmSync(pidPath, { force: true });
      file.close();
    },
  };
}

/** Whether a server holds the lock now. */
export function isFolderLocked(dataDir: string): boolean {
  // The check must not create the file: it would belong to this user instead of the server's.
  if (!existsSync(lockPath(dataDir))) return false;
  const file = open(dataDir, 0);
  file?.close();
  return file === null;
}

/**
 * Uses SQLite's file lock, because the runtime has none: it works on every system, and nothing is ever written.
 * No other code may open the file, because closing it again would release the lock of this process.
 * @returns null if another process holds the lock
 */
function open(dataDir: string, busyTimeoutMs: number): Database | null {
  const file = new Database(lockPath(dataDir), { create: true, readwrite: true });
  try {
    file.run(`pragma busy_timeout = ${busyTimeoutMs}`);
    file.run("begin immediate");
    return file;
  } catch (error) {
    file.close();
    if (isConflict(error)) return null;
    throw error;
  }
}

function messageFor(dataDir: string): string {
  return `Another Soketify${holderOf(dataDir)} runs on the data folder ${resolve(dataDir)}: stop it first, or give this one its own folder with --data-dir (SOKETIFY_DATA_DIR)`;
}

/** Empty if the other process has not written its id yet. */
function holderOf(dataDir: string): string {
  const path = join(dataDir, "soketify.pid");
  const [, pid, host] = (existsSync(path) && /^(\d+) (\S+)/.exec(readFileSync(path, "utf8"))) || [];
  return pid === undefined ? "" : `, process ${pid} on ${host},`;
}

function lockPath(dataDir: string): string {
  return join(dataDir, "soketify.lock");
}
