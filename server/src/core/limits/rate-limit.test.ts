import { expect, test } from "bun:test";
import { RateLimit } from "./rate-limit.ts";

test("a burst is granted immediately, then one every 100 ms at ten per second", () => {
  const limit = new RateLimit(3, 0);
  expect([0, 0, 0, 0].map((nowMs) => limit.take(10, 3, nowMs))).toEqual([0, 0, 0, 100]);
  expect(limit.take(10, 3, 60)).toBe(40);
  expect([100, 100].map((nowMs) => limit.take(10, 3, nowMs))).toEqual([0, 100]);
});

test("a long pause earns no more than one burst", () => {
  const limit = new RateLimit(2, 0);
  const hour = 3_600_000;
  expect([hour, hour, hour].map((nowMs) => limit.take(1, 2, nowMs))).toEqual([0, 0, 1_000]);
});

test("a clock that is set back adds no tokens, and delays a caller at most by the time of one token", () => {
  const limit = new RateLimit(1, 10_000);
  expect(limit.take(1, 1, 10_000)).toBe(0);
  expect(limit.take(1, 1, 0)).toBe(1_000);
  expect(limit.take(1, 1, 1_000)).toBe(0);
});

test("a lowered limit takes effect immediately", () => {
  const limit = new RateLimit(100, 0);
  expect([0, 0, 0].map((nowMs) => limit.take(1, 2, nowMs))).toEqual([0, 0, 1_000]);
});
