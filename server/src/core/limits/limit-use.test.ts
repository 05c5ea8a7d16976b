import { expect, test } from "bun:test";
import { isNear, shareOf } from "./limit-use.ts";

test("the share of a limit is its used part, and 0 without a limit", () => {
  expect([shareOf({ used: 3, max: 4 }), shareOf({ used: 3, max: 0 })]).toEqual([0.75, 0]);
});

test("a limit is near from four fifths on", () => {
  expect([79, 80].map((used) => isNear({ used, max: 100 }))).toEqual([false, true]);
});
