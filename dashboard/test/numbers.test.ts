import { expect, test } from "bun:test";
import { milliseconds, percent, perSecond } from "../src/ui/numbers.ts";

test.each([
  [0, "0"],
  [3, "0.1"],
  [526, "8.8"],
  [5_970, "100"],
  [90_000, "1,500"],
  [48_000_000, "800K"],
])("%i messages in a minute are %s a second", (inMinute, shown) => {
  expect(perSecond(inMinute)).toBe(shown);
});

test.each([
  [0, "0 %"],
  [0.004, "0.4 %"],
  [0.996, "100 %"],
  [1.08, "108 %"],
])("a share of %d is %s", (share, shown) => {
  expect(percent(share)).toBe(shown);
});

test.each([
  [0, "0 ms"],
  [0.04, "0 ms"],
  [7.45, "7.5 ms"],
  [31.02, "31 ms"],
  [10_030, "10,030 ms"],
])("%d milliseconds are shown as %s", (ms, shown) => {
  expect(milliseconds(ms)).toBe(shown);
});
