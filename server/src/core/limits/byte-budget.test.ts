import { expect, test } from "bun:test";
import { ByteBudget } from "./byte-budget.ts";

test("an app takes exactly up to its limit, and other apps have their own", () => {
  const budget = new ByteBudget({ perApp: 10, inAll: 100 });
  expect([budget.take("1", 10), budget.take("1", 1), budget.take("2", 10)]).toEqual([true, false, true]);
  expect([budget.of("1"), budget.of("2"), budget.of("3"), budget.inAll]).toEqual([10, 10, 0, 20]);
});

test("all apps together take exactly up to the total limit", () => {
  const budget = new ByteBudget({ perApp: 10, inAll: 15 });
  budget.take("1", 10);
  expect([budget.take("2", 6), budget.take("2", 5), budget.inAll]).toEqual([false, true, 15]);
});

test("the peak is the most bytes that were taken at the same time", () => {
  const budget = new ByteBudget({ perApp: 10, inAll: 10 });
  budget.take("1", 6);
  budget.give("1", 5);
  budget.take("2", 2);
  expect([budget.inAll, budget.peakInAll]).toEqual([3, 6]);
});

test("released bytes can be taken by any app", () => {
  const budget = new ByteBudget({ perApp: 10, inAll: 10 });
  budget.take("1", 10);
  budget.give("1", 4);
  expect([budget.of("1"), budget.take("2", 5), budget.take("2", 4)]).toEqual([6, false, true]);
  budget.give("1", 6);
  budget.give("2", 4);
  expect([budget.of("1"), budget.inAll]).toEqual([0, 0]);
});
