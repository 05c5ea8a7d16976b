import { expect, test } from "bun:test";
import { perSecond } from "../src/ui/numbers.ts";

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
