import { expect, test } from "bun:test";
import { LimitMark, RateMark } from "./limit-mark.ts";

const minuteMs = 60_000;

test("the latest value is the highest of this minute and the one before", () => {
  const mark = new LimitMark();
  mark.saw(3, 0);
  mark.saw(5, 1);
  mark.saw(4, 2);
  expect(mark.lately(3)).toBe(5);
  mark.saw(2, minuteMs);
  expect(mark.lately(minuteMs)).toBe(5);
  expect(mark.lately(2 * minuteMs)).toBe(2);
  expect(mark.lately(3 * minuteMs)).toBe(0);
  expect(mark.peak).toBe(5);
});

test("a value is not counted after a longer pause", () => {
  const mark = new LimitMark();
  mark.saw(5, 0);
  expect(mark.lately(2 * minuteMs)).toBe(0);
  mark.saw(7, 2 * minuteMs);
  expect([mark.lately(3 * minuteMs), mark.peak]).toEqual([7, 7]);
});

test("the rate is that of the name with the highest count in a window", () => {
  const rate = new RateMark(5_000);
  for (let count = 0; count < 10; count++) rate.count("a", 100 * count);
  for (let count = 0; count < 4; count++) rate.count("b", 4_000);
  expect(rate.mark.peak).toBe(2);
});

test("each window counts anew", () => {
  const rate = new RateMark(1_000);
  for (const nowMs of [0, 1_000, 1_999, 2_000]) rate.count("a", nowMs);
  expect(rate.mark.peak).toBe(2);
});
