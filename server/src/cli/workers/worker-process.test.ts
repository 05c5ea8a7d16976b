import { expect, test } from "bun:test";
import { restartPauseMs } from "./worker-process.ts";

test("the pause before a restart doubles up to 30 s, and is short again after a minute without a death", () => {
  const pausesMs: number[] = [];
  for (let death = 0; death < 10; death++) pausesMs.push(restartPauseMs(pausesMs.at(-1) ?? null, 59_999));
  expect(pausesMs).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  expect(restartPauseMs(30_000, 60_000)).toBe(200);
});
