import { expect, test } from "bun:test";
import { memoryTrend } from "./memory-curve.ts";

const hour = (mebibytesAt: (seconds: number) => number) =>
  Array.from({ length: 360 }, (_, index) => ({ seconds: 10 * index, mebibytes: mebibytesAt(10 * index) }));

test("a saw of garbage that comes down again and again is flat, whatever the warm-up was", () => {
  const { rise } = memoryTrend(hour((seconds) => Math.min(150, 80 + seconds / 5) + (seconds % 170) / 5));
  expect(Math.abs(rise)).toBeLessThan(0.01);
});

test("one odd window makes no trend", () => {
  expect(memoryTrend(hour((seconds) => (seconds > 3300 ? 190 : 150))).rise).toBe(0);
});

test("a leak of a byte in ten is seen under the saw", () => {
  const { rise } = memoryTrend(hour((seconds) => 150 + (seconds / 3600) * 15 + (seconds % 170) / 5));
  expect(rise).toBeGreaterThan(0.05);
});
