import { expect, test } from "bun:test";
import { memoryTrend } from "./memory-curve.ts";

const hour = (mebibytesAt: (seconds: number) => number) =>
  Array.from({ length: 360 }, (_, index) => ({ seconds: 10 * index, mebibytes: mebibytesAt(10 * index) }));

test("memoryTrend is flat for a sawtooth of garbage, with any warm-up", () => {
  const { rise } = memoryTrend(hour((seconds) => Math.min(150, 80 + seconds / 5) + (seconds % 170) / 5));
  expect(Math.abs(rise)).toBeLessThan(0.01);
});

test("memoryTrend ignores one odd window", () => {
  expect(memoryTrend(hour((seconds) => (seconds > 3300 ? 190 : 150))).rise).toBe(0);
});

test("memoryTrend detects a leak of one byte in ten under a sawtooth", () => {
  const { rise } = memoryTrend(hour((seconds) => 150 + (seconds / 3600) * 15 + (seconds % 170) / 5));
  expect(rise).toBeGreaterThan(0.05);
});
