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

test("a time is typed with a 24-hour clock in the zone of all other times", () => {
  const at = new Date(2026, 10, 24, 14, 5).getTime();
  expect(clock.typedTime(at)).toBe("2026-11-24 14:05");
  for (const typed of ["2026-11-24 14:05", " 2026-11-24T14:05 "]) expect(clock.timeOf(typed)).toBe(at);
  expect(clock.timeOf("2026-1-2 3:00")).toBe(new Date(2026, 0, 2, 3, 0).getTime());
  const wrong = [
    "",
    "14:05",
    "11/24/2026 02:05 PM",
    "2026-02-30 12:00",
    "2026-13-01 12:00",
    "2026-11-24 24:00",
  ];
  expect(wrong.filter((typed) => clock.timeOf(typed) !== null)).toEqual([]);
});

test("no field has the browser's own form of times", () => {
  const native = /type="(datetime-local|date|time|month|week)"/;
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".tsx"),
  );
  expect(files.filter((path) => native.test(readFileSync(join(sources, path), "utf8")))).toEqual([]);
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
