/** The folder of a test database: in memory if there is space, because its data need not survive a crash. */
import { existsSync, statfsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";
const bytesNeeded = 2 * 1_024 ** 3;

export async function makeDataFolder(service: string): Promise<string> {
  return mkdtemp(join(hasRoom() ? memory : tmpdir(), `soketify-${service}-`));
}

function hasRoom(): boolean {
  if (!existsSync(memory)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > bytesNeeded;
}
