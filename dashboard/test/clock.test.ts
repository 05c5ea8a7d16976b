/** One form of times and of numbers on all pages: those of `ui/clock.ts` and `ui/numbers.ts`. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as clock from "../src/ui/clock.ts";

const sources = join(import.meta.dir, "..", "src");

test("times have a 24-hour clock, also at midnight", () => {
  const at = new Date(2026, 10, 24, 0, 5, 9, 7);
  expect(clock.hourAndMinute(at)).toBe("00:05");
  expect(clock.toTheMillisecond(at)).toBe("00:05:09.007");
  expect(clock.dayAndTime(at)).toBe("Nov 24, 00:05");
  expect(clock.exactly(at)).toBe("Nov 24, 2026, 00:05:09");
  expect(clock.exactlyWithZone(at)).toStartWith("Nov 24, 2026, 00:05:09 ");
});

test.each([
  ["ui/clock.ts", /DateTimeFormat|toLocale(Date|Time)?String/],
  ["ui/numbers.ts", /NumberFormat|toLocaleString|[}\d] %|toFixed\(\d\)} ?m?s/],
])("only %s formats its values", (home, formats) => {
  const others = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(
    (path) => /\.tsx?$/.test(path) && path !== home,
  );
  expect(others.filter((path) => formats.test(readFileSync(join(sources, path), "utf8")))).toEqual([]);
});
