import { expect, test } from "bun:test";
import { processCpuMicros, processTree } from "./process-usage.ts";

const ownMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** The two ways of reading round differently. */
const roundedMicros = 2;

test("the CPU time of a process lies between what the process itself reads before and after", () => {
  for (let round = 0; round < 100; round += 1) {
    const before = ownMicros();
    const read = processCpuMicros(process.pid);
    const after = ownMicros();
    expect(read).toBeGreaterThanOrEqual(before - roundedMicros);
    expect(read).toBeLessThanOrEqual(after + roundedMicros);
  }
});

test("the CPU time of children counts, and a process that cannot be measured has none", async () => {
  const child = Bun.spawn(["cat"], { stdin: "pipe", stdout: "pipe" });
  child.stdin.write("started");
  await child.stdout.getReader().read();
  try {
    expect(processTree(process.pid)).toContain(child.pid);
    expect(processCpuMicros(child.pid)).toBeGreaterThan(0);
    expect(processCpuMicros(0)).toBeNaN();
  } finally {
    child.kill();
    await child.exited;
  }
  expect(() => processCpuMicros(child.pid)).toThrow();
});
