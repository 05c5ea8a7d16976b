import { expect, test } from "bun:test";
import { RecentByApp } from "./recent-by-app.ts";

const startedAtMs = 1_000;
const shop = { id: "1", createdAtMs: 0 };
const chat = { id: "2", createdAtMs: 0 };
const blog = { id: "3", createdAtMs: 0 };

/** What one item of one character takes, and an app beside its items: see KeptTexts. */
const [itemBytes, appBytes] = [126, 300];

/** @param inAll so many items of one character, in as many apps as there are */
function start(textsPerApp: number, inAll: number) {
  const limits = { textsPerApp, perApp: 100_000, inAll: inAll * itemBytes + 3 * appBytes };
  const recent = new RecentByApp<string>(limits, startedAtMs);
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
    [5, 3_001],
    [6, 3_002],
    [7, 3_003],
  ]);
});

test("an app knows nothing of another's", () => {
  const { recent, itemsOf } = start(3, 9);
  recent.add("1", 2_000, "a");
  expect([itemsOf(shop), itemsOf(chat)]).toEqual(["a", ""]);
});

test("over all apps, the one that has most loses its oldest and does not hide it", () => {
  const { recent, itemsOf } = start(9, 8);
  for (const [index, item] of [..."abcdef"].entries()) recent.add("1", 2_000 + index, item);
  recent.add("2", 3_000, "x");
  recent.add("3", 3_000, "y");
  expect([itemsOf(shop), itemsOf(chat), itemsOf(blog)]).toEqual(["abcdef", "x", "y"]);
  recent.add("2", 4_000, "z");
  expect([itemsOf(shop), itemsOf(chat), itemsOf(blog)]).toEqual(["cdef", "xz", "y"]);
  expect(recent.wholeSinceMs(shop)).toBe(2_002);
  expect(recent.wholeSinceMs(chat)).toBe(startedAtMs);
});

test("what is larger than all that an app may keep is not kept, and that is not hidden", () => {
  const { recent, itemsOf } = start(9, 8);
  recent.add("1", 2_000, "x".repeat(100_000));
  expect([itemsOf(shop), recent.wholeSinceMs(shop)]).toEqual(["", 2_001]);
  recent.add("1", 3_000, "a");
  recent.add("1", 4_000, "x".repeat(100_000));
  expect([itemsOf(shop), recent.wholeSinceMs(shop)]).toEqual(["a", 4_001]);
});

test("an app that was made anew under an old id begins with nothing", () => {
  const { recent, itemsOf } = start(3, 9);
  recent.add("1", 2_000, "a");
  const anew = { id: "1", createdAtMs: 5_000 };
  recent.add("1", 5_000, "b");
  expect([itemsOf(anew), recent.wholeSinceMs(anew)]).toEqual(["b", 5_000]);
});
