import { expect, test } from "bun:test";
import { againOnConflict } from "./atomically.ts";

function fails(code: string): Error {
  return Object.assign(new Error(`It failed with ${code}`), { code });
}

for (const code of [
  "40P01",
  "40001",
  "ER_LOCK_DEADLOCK",
  "ER_CHECKREAD",
  "SQLITE_BUSY",
  "SQLITE_BUSY_SNAPSHOT",
  "SQLITE_BUSY_RECOVERY",
])
  test(`againOnConflict runs the change again after ${code}`, async () => {
    let runs = 0;
    const run = async () => {
      runs += 1;
      if (runs < 3) throw fails(code);
      return "done";
    };
    expect(await againOnConflict(run, async () => undefined)).toBe("done");
    expect(runs).toBe(3);
  });

test("againOnConflict throws an error that is not a conflict without a second run", async () => {
  let runs = 0;
  const run = async () => {
    runs += 1;
    throw fails("23505");
  };
  await expect(againOnConflict(run, async () => undefined)).rejects.toThrow("It failed with 23505");
  expect(runs).toBe(1);
});

test("againOnConflict throws a permanent conflict after at most 25 runs and five seconds", async () => {
  let runs = 0;
  let pausedMs = 0;
  const run = async () => {
    runs += 1;
    throw fails("40P01");
  };
  const pause = async (ms: number) => {
    pausedMs += ms;
  };
  await expect(againOnConflict(run, pause)).rejects.toThrow("It failed with 40P01");
  expect(runs).toBe(25);
  expect(pausedMs).toBeGreaterThan(2_000);
  expect(pausedMs).toBeLessThan(5_000);
});
