import { expect, test } from "bun:test";
import { timeMarks, valueMarks } from "../src/ui/charts/chart-axis.ts";

test("the ticks of a value axis are few round integers", () => {
  expect(valueMarks(0)).toEqual([0, 1]);
  expect(valueMarks(1)).toEqual([0, 1]);
  expect(valueMarks(5)).toEqual([0, 2, 4, 6]);
  expect(valueMarks(420)).toEqual([0, 200, 400, 600]);
  expect(valueMarks(12_400)).toEqual([0, 5_000, 10_000, 15_000]);
});

test("the ticks of a time axis are at round local times", () => {
  const at = (day: number, hour: number, minute: number) => new Date(2026, 2, day, hour, minute).getTime();
  const texts = (fromMs: number, toMs: number, marksMax: number) =>
    timeMarks(fromMs, toMs, marksMax).map(({ text }) => text);
  expect(texts(at(4, 13, 26), at(4, 14, 26), 4)).toEqual(["13:30", "13:45", "14:00", "14:15"]);
  expect(texts(at(3, 15, 0), at(4, 15, 0), 4)).toEqual(["18:00", "Wed 4", "06:00", "12:00"]);
  expect(texts(at(2, 15, 0), at(5, 15, 0), 8)).toEqual([
    "Tue 3",
    "12:00",
    "Wed 4",
    "12:00",
    "Thu 5",
    "12:00",
  ]);
  expect(texts(at(1, 15, 0), at(6, 15, 0), 6)).toEqual(["Mon 2", "Tue 3", "Wed 4", "Thu 5", "Fri 6"]);
});
