/** How a command finds the server that runs on this machine: a file in the data folder that only its user may read. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const localServer = z.object({ url: z.url(), token: z.string(), pid: z.int().positive() });

export type LocalServer = z.infer<typeof localServer>;

/** Null where none runs: there is no file, or it is what a killed one left. */
export function findLocalServer(dataDir: string): LocalServer | null {
  const path = join(dataDir, "server.json");
  if (!existsSync(path)) return null;
  const found = localServer.parse(JSON.parse(readFileSync(path, "utf8")));
  return isAlive(found.pid) ? found : null;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Alive, and another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
