import { expect, test } from "bun:test";
import { eventCacheContract } from "../../test/contract/event-cache.contract.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { MemoryEventCache } from "./memory-event-cache.ts";

eventCacheContract("MemoryEventCache", () => {
  const clock = new FakeClock();
  return { cache: new MemoryEventCache(clock, 100), pass: (byMs) => clock.advance(byMs) };
});

test("the channel that was set longest ago makes room for one too many", async () => {
  const cache = new MemoryEventCache(new FakeClock(), 2);
  for (const channel of ["cache-a", "cache-b", "cache-a", "cache-c"])
    await cache.set("1", channel, { name: "e", data: "" }, 1_000);
  expect(await cache.get("1", "cache-b")).toBeNull();
  expect([await cache.get("1", "cache-a"), await cache.get("1", "cache-c")]).not.toContain(null);
});

test("the time that an event has left is counted from when it was set", async () => {
  const clock = new FakeClock();
  const cache = new MemoryEventCache(clock, 2);
  await cache.set("1", "cache-a", { name: "e", data: "d" }, 1_000);
  clock.advance(400);
  expect(await cache.get("1", "cache-a")).toEqual({ name: "e", data: "d", ttlMs: 600 });
});
