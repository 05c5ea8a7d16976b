import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCluster } from "./cluster.ts";

/** Where the processes of this file make their folders. */
const folder = mkdtempSync(join(tmpdir(), "soketify-leftovers-"));
const { TMPDIR } = process.env;
const broken = { SOKETIFY_LOG_LEVEL: "no such level" };

beforeAll(() => {
  process.env.TMPDIR = folder;
});
afterAll(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  rmSync(folder, { recursive: true });
});

test("a cluster whose second node does not start leaves no process and no folder behind", async () => {
  const before = leftovers();
  const starting = startCluster(2, (index) => (index === 1 ? broken : {}));
  await expect(starting).rejects.toThrow("soketify");
  expect(leftovers()).toEqual(before);
});

/** The command lines of this process's children, and the folders of servers. */
function leftovers() {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  return {
    processes: pids.filter((pid) => pid !== "").map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8")),
    folders: readdirSync(folder),
  };
}
