import { expect, test } from "bun:test";
import { KeptByApp } from "./kept-by-app.ts";

const kibibyte = 1_024;

function start(itemsPerApp = 10_000) {
  const kept = new KeptByApp<string>(
    { itemsPerApp, perApp: 64 * kibibyte, inAll: 256 * kibibyte },
    0,
    (text) => text.length,
  );
  let sequence = 0;
  const add = (appId: string, length: number) => {
    sequence += 1;
    kept.add(appId, sequence, 0, "x".repeat(length));
  };
  return { kept, add };
}

test("an app's items never exceed its limit, and all items never exceed the total limit", () => {
  const { kept, add } = start();
  for (let count = 0; count < 200; count += 1) {
    add("1", kibibyte);
    expect(kept.inAll).toBeLessThanOrEqual(64 * kibibyte);
  }
  expect(kept.itemsOf("1").length).toBeGreaterThan(20);
  for (let app = 0; app < 100; app += 1) {
    for (let count = 0; count < 50; count += 1) add(`app ${app}`, kibibyte);
    expect(kept.inAll).toBeLessThanOrEqual(256 * kibibyte);
  }
});

test("an app with few items loses none to apps with many", () => {
  const { kept, add } = start();
  for (let count = 0; count < 5; count += 1) add("small", kibibyte);
  for (let count = 0; count < 500; count += 1) for (let app = 0; app < 10; app += 1) add(`${app}`, kibibyte);
  expect(kept.itemsOf("small")).toHaveLength(5);
  const counts = Array.from({ length: 10 }, (_, app) => kept.itemsOf(`${app}`).length);
  expect(Math.min(...counts)).toBeGreaterThan(5);
});

test("the oldest are removed first, the rest stays in order, and a removed app has none", () => {
  const { kept, add } = start(3);
  for (let count = 0; count < 10; count += 1) add("1", 10);
  expect(kept.itemsOf("1").map(({ sequence }) => sequence)).toEqual([8, 9, 10]);
  kept.forget("1");
  expect([kept.itemsOf("1"), kept.inAll]).toEqual([[], 0]);
});

test("an item larger than an app's limit is not stored, and the others stay", () => {
  const { kept, add } = start();
  add("1", kibibyte);
  add("1", 40 * kibibyte);
  expect(kept.itemsOf("1")).toHaveLength(1);
});
