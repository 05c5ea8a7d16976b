/** One server at a time on a data folder. The system lets go of the lock when the process ends, however it ends. */
import { Database } from "bun:sqlite";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { isConflict } from "./database-error.ts";

/** A command may look at the lock in this moment. */
const patienceMs = 1_000;

export interface FolderLock {
  release(): void;
}

class FolderTaken extends Error {}

/**
 * Holds the lock until `release()` or the end of the process.
 * @throws FolderTaken where another process holds it
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

/** Whether a server holds it now. */
export function isFolderLocked(dataDir: string): boolean {
  // Looking must not make it: it would be this user's, and not the server's.
  if (!existsSync(lockPath(dataDir))) return false;
  const file = open(dataDir, 0);
  file?.close();
  return file === null;
}

/**
 * SQLite's own lock is used, since the runtime has none: it works on every system, and nothing is ever written.
 * Nothing else may open the file, because closing it again would end the lock of this process.
 * @returns null where another process has it
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
  return `Another Soketify${holderOf(dataDir)} runs on the data folder ${resolve(dataDir)}: stop it first, or give this one a folder of its own with --data-dir (SOKETIFY_DATA_DIR)`;
}

/** Empty where the other has not written it yet. */
function holderOf(dataDir: string): string {
  const path = join(dataDir, "soketify.pid");
  const [, pid, host] = (existsSync(path) && /^(\d+) (\S+)/.exec(readFileSync(path, "utf8"))) || [];
  return pid === undefined ? "" : `, process ${pid} on ${host},`;
}

function lockPath(dataDir: string): string {
  return join(dataDir, "soketify.lock");
}
