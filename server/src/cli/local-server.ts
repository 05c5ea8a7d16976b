/** Finds the server that runs on this machine through a file in the data folder. Only the server's user can read the file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { errorCode } from "../core/error-code.ts";
import { isFolderLocked } from "../storage/database/folder-lock.ts";
import { Refused } from "./refused.ts";

const localServer = z.object({
  /** The URL of the admin API, with the path prefix. */
  url: z.url(),
  /** The URL of the main port, with the path prefix. */
  clientUrl: z.url(),
  /** Null if it is disabled. */
  dashboardUrl: z.url().nullable().default(null),
  /** The process that holds the lock of the data folder. */
  isAlone: z.boolean().default(false),
  token: z.string(),
  pid: z.int().positive(),
});

export type LocalServer = z.infer<typeof localServer>;

/** Its certificate names the public host, not this address. */
export const fetchHere = (request: Request) => fetch(request, { tls: { rejectUnauthorized: false } });

/**
 * Null if no server runs: the file does not exist, or a killed server left it.
 * @throws Refused if the file has other content
 */
export function findLocalServer({ dataDir }: Pick<Config, "dataDir">): LocalServer | null {
  const path = join(dataDir, "server.json");
  const content = contentOf(path);
  if (content === undefined) return null;
  const found = localServer.safeParse(content);
  if (!found.success)
    throw new Refused(`${path} has unexpected content. Remove it, or name the server with --url`);
  // After a crash another program may have its process id.
  const isServing = found.data.isAlone ? isFolderLocked(dataDir) : isAlive(found.data.pid);
  return isServing ? found.data : null;
}

/** Undefined if there is no file: a server that stops removes it at any moment. Null if the file is not JSON. */
function contentOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process is alive and belongs to another user.
    return errorCode(error) === "EPERM";
  }
}
