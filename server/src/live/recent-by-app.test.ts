import { expect, test } from "bun:test";
import { RecentByApp } from "./recent-by-app.ts";

const startedAtMs = 1_000;
const shop = { id: "1", createdAtMs: 0 };
const chat = { id: "2", createdAtMs: 0 };
const blog = { id: "3", createdAtMs: 0 };

/** The bytes of an item of one character, and of an app without its items: see KeptByApp. */
const [itemBytes, appBytes] = [126, 300];

/** @param inAll the total limit, in items of one character */
function start(itemsPerApp: number, inAll: number) {
  const limits = { itemsPerApp, perApp: 100_000, inAll: inAll * itemBytes + 3 * appBytes };
  const recent = new RecentByApp<string>(limits, startedAtMs);
  const itemsOf = (app: typeof shop) => [...recent.of(app)].map(({ item }) => item).join("");
  return { recent, itemsOf };
}

test("an app stores its latest items, and reports since when none is missing", () => {
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

test("an app does not return another app's items", () => {
  const { recent, itemsOf } = start(3, 9);
  recent.add("1", 2_000, "a");
  expect([itemsOf(shop), itemsOf(chat)]).toEqual(["a", ""]);
});

test("over the total limit, the app with the most loses its oldest items and reports it", () => {
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

test("an item larger than an app's limit is not stored, and this is reported", () => {
  const { recent, itemsOf } = start(9, 8);
  recent.add("1", 2_000, "x".repeat(100_000));
  expect([itemsOf(shop), recent.wholeSinceMs(shop)]).toEqual(["", 2_001]);
  recent.add("1", 3_000, "a");
  recent.add("1", 4_000, "x".repeat(100_000));
  expect([itemsOf(shop), recent.wholeSinceMs(shop)]).toEqual(["a", 4_001]);
});

test("a new app with an old id has no items", () => {
  const { recent, itemsOf } = start(3, 9);
  recent.add("1", 2_000, "a");
  const anew = { id: "1", createdAtMs: 5_000 };
  recent.add("1", 5_000, "b");
  expect([itemsOf(anew), recent.wholeSinceMs(anew)]).toEqual(["b", 5_000]);
});
