/** What every event cache must do, whatever it is made of: run against each supplier of the port. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { EventCache } from "../../src/core/ports/event-cache.ts";

const hourMs = 3_600_000;

export interface OpenedCache {
  readonly cache: EventCache;
  /** Lets this much time pass for the cache. */
  pass(byMs: number): void | Promise<void>;
}

/** `open` gives an empty cache each time it is called. */
export function eventCacheContract(supplier: string, open: () => OpenedCache | Promise<OpenedCache>): void {
  let cache: EventCache;
  let pass: OpenedCache["pass"];

  describe(`${supplier} as an event cache`, () => {
    beforeEach(async () => {
      ({ cache, pass } = await open());
    });

    test("the last event of a channel is kept to the letter, with the time it has left", async () => {
      await cache.set("1", "cache-a", { name: "first", data: "1" }, hourMs);
      const last = { name: "__proto__", data: '{ "é" : "😀" }' };
      await cache.set("1", "cache-a", last, hourMs);
      const found = await cache.get("1", "cache-a");
      expect(found).toMatchObject(last);
      expect(found?.ttlMs).toBeGreaterThan(0);
      expect(found?.ttlMs).toBeLessThanOrEqual(hourMs);
    });

    test("channels and apps are apart, and where nothing was set there is nothing", async () => {
      await cache.set("1", "cache-a", { name: "e", data: "" }, hourMs);
      expect([await cache.get("1", "cache-b"), await cache.get("2", "cache-a")]).toEqual([null, null]);
    });

    test("an event is gone when its time is over, and a new one has a time of its own", async () => {
      await cache.set("1", "cache-a", { name: "e", data: "" }, 50);
      await cache.set("1", "cache-b", { name: "e", data: "" }, 50);
      await cache.set("1", "cache-b", { name: "f", data: "" }, hourMs);
      await pass(50);
      expect(await cache.get("1", "cache-a")).toBeNull();
      expect(await cache.get("1", "cache-b")).toMatchObject({ name: "f" });
    });

    test("of many misses at once exactly one is the first", async () => {
      const notes = await Promise.all(Array.from({ length: 20 }, () => cache.noteMiss("1", "cache-a")));
      expect(notes.filter((isFirst) => isFirst)).toHaveLength(1);
      expect([await cache.noteMiss("1", "cache-b"), await cache.noteMiss("2", "cache-a")]).toEqual([
        true,
        true,
      ]);
    });

    test("after an event, or once the channel was vacated, the next miss is a first one again", async () => {
      await cache.noteMiss("1", "cache-a");
      await cache.noteMiss("1", "cache-b");
      await cache.set("1", "cache-a", { name: "e", data: "" }, 50);
      await cache.forgetMiss("1", "cache-b");
      await cache.forgetMiss("1", "cache-c");
      await pass(50);
      expect([await cache.noteMiss("1", "cache-a"), await cache.noteMiss("1", "cache-b")]).toEqual([
        true,
        true,
      ]);
    });
  });
}
