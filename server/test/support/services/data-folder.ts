/** The folder of a test database: in memory if there is space, because its data need not survive a crash. */
import { existsSync, statfsSync } from "node:fs";
import { mkdir, mkdtemp, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../until.ts";
import { run } from "./run.ts";

const memory = "/dev/shm";
const bytesNeeded = 2 * 1_024 ** 3;

/** The folder with the data of new databases, which scripts/test.js creates for a run. Not set if one file runs alone. */
const runFolder = process.env.TEST_RUN_FOLDER || null;

export async function makeDataFolder(service: string): Promise<string> {
  return mkdtemp(join(hasRoom() ? memory : tmpdir(), `soketify-${service}-`));
}

/**
 * Makes the data of a new database at `data`. The first of a run creates them, which takes most of the processor time of a
 * start; the others copy them.
 */
export async function createData(service: string, data: string, create: () => Promise<unknown>) {
  const template = runFolder === null ? null : join(runFolder, service);
  if (template === null) return void (await create());
  if (await isFirst(template)) {
    await create();
    await run("cp", "-a", data, `${template}.part`);
    await rename(`${template}.part`, template);
    return;
  }
  await until(`the data of a new ${service}`, () => existsSync(template));
  await run("cp", "-a", template, data);
}

async function isFirst(template: string): Promise<boolean> {
  try {
    await mkdir(`${template}.claimed`);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function hasRoom(): boolean {
  if (!existsSync(memory)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > bytesNeeded;
}
