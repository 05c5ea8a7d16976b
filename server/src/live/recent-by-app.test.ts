import { expect, test } from "bun:test";
import { RecentByApp } from "./recent-by-app.ts";

const startedAtMs = 1_000;
const shop = { id: "1", createdAtMs: 0 };
const chat = { id: "2", createdAtMs: 0 };
const blog = { id: "3", createdAtMs: 0 };

function start(perApp: number, inAll: number) {
  const recent = new RecentByApp<string>({ perApp, inAll }, startedAtMs);
  const itemsOf = (app: typeof shop) => [...recent.of(app)].map(({ item }) => item).join("");
  return { recent, itemsOf };
}

test("an app keeps its latest, and says since when nothing is missing", () => {
  const { recent, itemsOf } = start(3, 9);
  expect(recent.wholeSinceMs(shop)).toBe(startedAtMs);
  for (const [index, item] of [..."abc"].entries()) recent.add("1", 2_000 + index, item);
  expect([itemsOf(shop), recent.wholeSinceMs(shop)]).toEqual(["abc", startedAtMs]);
  for (const [index, item] of [..."defg"].entries()) recent.add("1", 3_000 + index, item);
  expect([itemsOf(shop), recent.wholeSinceMs(shop)]).toEqual(["efg", 3_001]);
  expect([...recent.of(shop)].map(({ sequence, atMs }) => [sequence, atMs])).toEqual([
    [4, 3_001],
    [5, 3_002],
    [6, 3_003],
  ]);
});

test("an app knows nothing of another's", () => {
  const { recent, itemsOf } = start(3, 9);
  recent.add("1", 2_000, "a");
  expect([itemsOf(shop), itemsOf(chat)]).toEqual(["a", ""]);
});

test("over all apps, the one that was quiet longest is forgotten and does not hide it", () => {
  const { recent, itemsOf } = start(2, 4);
  for (const [index, appId] of ["1", "2", "1", "2"].entries()) recent.add(appId, 2_000 + index, "x");
  recent.add("3", 3_000, "y");
  expect([itemsOf(shop), itemsOf(chat), itemsOf(blog)]).toEqual(["", "xx", "y"]);
  expect(recent.wholeSinceMs(shop)).toBe(2_003);
  expect(recent.wholeSinceMs(chat)).toBe(startedAtMs);

  const before = [...recent.of(blog)].map(({ sequence }) => sequence);
  recent.add("1", 4_000, "z");
  expect([...recent.of(shop)].map(({ sequence }) => sequence > Number(before[0]))).toEqual([true]);
  expect(recent.wholeSinceMs(shop)).toBe(2_003);
});

test("an app that was made anew under an old id begins with nothing", () => {
  const { recent, itemsOf } = start(3, 9);
  recent.add("1", 2_000, "a");
  const anew = { id: "1", createdAtMs: 5_000 };
  recent.add("1", 5_000, "b");
  expect([itemsOf(anew), recent.wholeSinceMs(anew)]).toEqual(["b", 5_000]);
});
