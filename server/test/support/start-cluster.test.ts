import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { startCluster } from "./start-cluster.ts";

test("a cluster whose node does not start leaves no process behind", async () => {
  const before = children();
  const starting = startCluster(1, { env: { SOKETIFY_LOG_LEVEL: "no such level" } });
  await expect(starting).rejects.toThrow("The server ended while it started");
  expect(children()).toEqual(before);
});

/** The command lines of this process's children. */
function children(): string[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  return pids.filter((pid) => pid !== "").map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
}
