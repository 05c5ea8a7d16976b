/** How a command finds the server that runs on this machine: a file in the data folder that only its user may read. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { isFolderLocked } from "../storage/folder-lock.ts";
import { Refused } from "./refused.ts";

const localServer = z.object({
  /** Of the admin API, path prefix included. */
  url: z.url(),
  /** Of the main port, path prefix included. */
  clientUrl: z.url(),
  /** Null where it is off. */
  dashboardUrl: z.url().nullable().default(null),
  /** It holds the lock of the folder. */
  isAlone: z.boolean().default(false),
  token: z.string(),
  pid: z.int().positive(),
});

export type LocalServer = z.infer<typeof localServer>;

/**
 * Null where none runs: there is no file, or it is what a killed one left.
 * @throws Refused where the file holds something else
 */
export function findLocalServer({ dataDir }: Pick<Config, "dataDir">): LocalServer | null {
  const path = join(dataDir, "server.json");
  if (!existsSync(path)) return null;
  const found = localServer.safeParse(contentOf(path));
  if (!found.success)
    throw new Refused(
      `${path} is not what a running server writes there: remove it, or name the server with --url`,
    );
  // After a crash its process id may be another program's.
  const isServing = found.data.isAlone ? isFolderLocked(dataDir) : isAlive(found.data.pid);
  return isServing ? found.data : null;
}

/** Null where it is no JSON, as a server that was killed while it wrote leaves it. */
function contentOf(path: string): unknown {
  const text = readFileSync(path, "utf8");
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Alive, and another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
