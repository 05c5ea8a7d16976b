import { expect, test } from "bun:test";
import { Histogram } from "./histogram.ts";

test("quantile returns small values exactly", () => {
  const histogram = new Histogram();
  for (let value = 0; value < 64; value += 1) histogram.record(value);
  expect(histogram.quantile(0.5)).toBe(31);
  expect(histogram.quantile(1)).toBe(63);
});

test("quantile returns large values at most 1/32 too high and never too low", () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 1_000_000; value += 1) histogram.record(value);
  for (const share of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = share * 1_000_000;
    expect(histogram.quantile(share)).toBeGreaterThanOrEqual(exact);
    expect(histogram.quantile(share)).toBeLessThanOrEqual(exact * (1 + 1 / 32));
  }
});

test("quantile returns 0 for an empty histogram", () => {
  expect(new Histogram().quantile(0.99)).toBe(0);
});
