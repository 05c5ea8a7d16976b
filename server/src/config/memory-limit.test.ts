import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { memoryLimitBytes } from "./memory-limit.ts";

const machineBytes = 1000;
const v1NoLimit = "9223372036854771712\n";

/** The limit on a system with these files. */
function limit(files: Readonly<Record<string, string>>): number {
  const root = mkdtempSync(join(tmpdir(), "soketify-cgroup-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return memoryLimitBytes(root, machineBytes);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("without control groups the limit is the machine's memory", () => {
  expect(limit({})).toBe(1000);
});

test("version 2: the limit of the process's own group", () => {
  expect(limit({ "proc/self/cgroup": "0::/app\n", "sys/fs/cgroup/app/memory.max": "300\n" })).toBe(300);
});

test("version 2: in a container the process's group is the outermost one", () => {
  expect(limit({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "300\n" })).toBe(300);
});

test("version 2: a parent group may have a lower limit", () => {
  expect(
    limit({
      "proc/self/cgroup": "0::/slice/app\n",
      "sys/fs/cgroup/slice/app/memory.max": "max\n",
      "sys/fs/cgroup/slice/memory.max": "200\n",
    }),
  ).toBe(200);
});

test("version 2: `max` is no limit", () => {
  expect(limit({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n" })).toBe(1000);
});

test("version 1: the limit of the group of the memory controller, and of no other", () => {
  expect(
    limit({
      "proc/self/cgroup": "5:cpu,cpuacct:/other\n4:hugetlb,memory:/app\n0::/\n",
      "sys/fs/cgroup/memory/other/memory.limit_in_bytes": "100\n",
      "sys/fs/cgroup/memory/app/memory.limit_in_bytes": "400\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": v1NoLimit,
    }),
  ).toBe(400);
});

test("version 1: in a container the path is the host's, and the outermost folder has the limit", () => {
  expect(
    limit({
      "proc/self/cgroup": "4:memory:/docker/0123abcd\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "500\n",
    }),
  ).toBe(500);
});

test("version 1: the number for no limit is above any machine's memory", () => {
  expect(
    limit({ "proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": v1NoLimit }),
  ).toBe(1000);
});

test("a limit above the machine's memory is the machine's memory", () => {
  expect(limit({ "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "5000\n" })).toBe(1000);
});
