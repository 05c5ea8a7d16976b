import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { Idempotency } from "./idempotency.ts";

const windowMs = 1_000;

/** Of an entry with a key of one letter and an answer of one byte. */
const entryBytes = 302;

/** In entries, as if each had a key of one letter and an answer of one byte. */
function start(perApp = 10, inAll = 100) {
  const clock = new FakeClock();
  const limits = { perApp: perApp * entryBytes, inAll: inAll * entryBytes };
  const idempotency = new Idempotency<number>(clock, limits, (answer) => (answer < 0 ? -answer : 1));
  let runs = 0;
  const count = async () => ++runs;
  return {
    clock,
    once: (key: string, work = count, forMs = windowMs) => idempotency.once("1", key, forMs, work),
    /** Whether the work was done for it, and not remembered. */
    async isNew(appId: string, key: string): Promise<boolean> {
      const before = runs;
      await idempotency.once(appId, key, windowMs, count);
      return runs > before;
    },
  };
}

test("a thousand requests with one key at once do the work once and get one answer", async () => {
  const { once } = start();
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => once("key")));
  expect(new Set(answers)).toEqual(new Set([1]));
});

test("other keys do their own work", async () => {
  const { once } = start();
  expect([await once("a"), await once("b"), await once("a")]).toEqual([1, 2, 1]);
});

test("a key is forgotten when its window ends, not a millisecond earlier", async () => {
  const { clock, once } = start();
  await once("key");
  clock.advance(windowMs - 1);
  expect(await once("key")).toBe(1);
  clock.advance(1);
  expect(await once("key")).toBe(2);
});

test("work that failed is told to all who waited for it, and may be tried again", async () => {
  const { once } = start();
  const fail = () => Promise.reject(new Error("the broker is away"));
  const both = await Promise.allSettled([once("key", fail), once("key", fail)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await once("key")).toBe(1);
});

test("a failure that comes after the window does not forget the key's newer work", async () => {
  const { clock, once } = start();
  const slow = Promise.withResolvers<number>();
  const first = once("key", () => slow.promise);
  clock.advance(windowMs);
  expect(await once("key")).toBe(1);
  slow.reject(new Error("too late"));
  await expect(first).rejects.toThrow("too late");
  expect(await once("key")).toBe(1);
});

test("a key that runs out and comes again takes its bytes once", async () => {
  const { clock, once } = start(2);
  await once("a");
  for (let again = 0; again < 5; again++) {
    await once("b", undefined, 10);
    clock.advance(10);
  }
  expect(await once("a")).toBe(1);
});

test("a long answer makes its app forget as many old ones as it has bytes, and itself where it has too many", async () => {
  const { once } = start(3);
  for (const key of ["a", "b", "c"]) await once(key);
  const long = (bytes: number) => async () => -bytes;
  await once("d", long(entryBytes));
  expect([await once("c"), await once("d")]).toEqual([3, -entryBytes]);
  expect(await once("b")).toBe(4);
  await once("e", long(3 * entryBytes));
  expect(await once("e")).toBe(5);
});

test("an app never has more keys than allowed: its oldest is forgotten", async () => {
  const { once } = start(2);
  for (const key of ["a", "b", "c"]) await once(key);
  expect([await once("b"), await once("c"), await once("a")]).toEqual([2, 3, 4]);
});

test("keys that have run out make room before any that have not", async () => {
  const { clock, once } = start(2);
  await once("o");
  clock.advance(windowMs / 2);
  await once("y");
  clock.advance(windowMs / 2);
  await once("n");
  expect(await once("y")).toBe(2);
});

test("one key of two apps is two keys", async () => {
  const { isNew } = start();
  expect([await isNew("1", "a"), await isNew("2", "a"), await isNew("1", "a")]).toEqual([true, true, false]);
});

test("an app that sends more keys than allowed pushes out no other app's", async () => {
  const { isNew } = start(2);
  await isNew("2", "quiet");
  for (const key of ["a", "b", "c", "d"]) await isNew("1", key);
  expect(await isNew("2", "quiet")).toBe(false);
});

test("where all apps together have too many keys, the one with the most forgets its oldest", async () => {
  const { isNew } = start(10, 4);
  await isNew("2", "quiet");
  for (const key of ["a", "b", "c"]) await isNew("1", key);
  await isNew("3", "new");
  expect([await isNew("2", "quiet"), await isNew("3", "new"), await isNew("1", "c")]).toEqual([
    false,
    false,
    false,
  ]);
  expect(await isNew("1", "a")).toBe(true);
});
