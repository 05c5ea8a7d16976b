import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { Idempotency } from "./idempotency.ts";

const windowMs = 1_000;

/** Bytes of an entry with a key of one letter and an answer of one byte. */
const entryBytes = 302;

/** Limits in entries with a key of one letter and an answer of one byte. */
function start(perApp = 10, inAll = 100) {
  const clock = new FakeClock();
  const limits = { perApp: perApp * entryBytes, inAll: inAll * entryBytes };
  const idempotency = new Idempotency<number>(clock, limits, (answer) => (answer < 0 ? -answer : 1));
  let runs = 0;
  const count = async () => ++runs;
  return {
    clock,
    once: (key: string, work = count, forMs = windowMs) => idempotency.once("1", key, forMs, work),
    /** Whether the work ran, so that the answer was not a stored one. */
    async isNew(appId: string, key: string): Promise<boolean> {
      const before = runs;
      await idempotency.once(appId, key, windowMs, count);
      return runs > before;
    },
  };
}

test("a thousand concurrent requests with one key run the work once and get one answer", async () => {
  const { once } = start();
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => once("key")));
  expect(new Set(answers)).toEqual(new Set([1]));
});

test("each key runs its own work", async () => {
  const { once } = start();
  expect([await once("a"), await once("b"), await once("a")]).toEqual([1, 2, 1]);
});

test("a key is forgotten exactly when its window ends", async () => {
  const { clock, once } = start();
  await once("key");
  clock.advance(windowMs - 1);
  expect(await once("key")).toBe(1);
  clock.advance(1);
  expect(await once("key")).toBe(2);
});

test("a failure is passed to all who waited for it, and a repeat runs the work again", async () => {
  const { once } = start();
  const fail = () => Promise.reject(new Error("the broker is unreachable"));
  const both = await Promise.allSettled([once("key", fail), once("key", fail)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await once("key")).toBe(1);
});

test("a failure after the window does not remove the key's newer entry", async () => {
  const { clock, once } = start();
  const slow = Promise.withResolvers<number>();
  const first = once("key", () => slow.promise);
  clock.advance(windowMs);
  expect(await once("key")).toBe(1);
  slow.reject(new Error("too late"));
  await expect(first).rejects.toThrow("too late");
  expect(await once("key")).toBe(1);
});

test("a key that expires and is used again counts its bytes once", async () => {
  const { clock, once } = start(2);
  await once("a");
  for (let again = 0; again < 5; again++) {
    await once("b", undefined, 10);
    clock.advance(10);
  }
  expect(await once("a")).toBe(1);
});

test("a long answer removes older answers of its app until it fits, and itself if it is too long", async () => {
  const { once } = start(3);
  for (const key of ["a", "b", "c"]) await once(key);
  const long = (bytes: number) => async () => -bytes;
  await once("d", long(entryBytes));
  expect([await once("c"), await once("d")]).toEqual([3, -entryBytes]);
  expect(await once("b")).toBe(4);
  await once("e", long(3 * entryBytes));
  expect(await once("e")).toBe(5);
});

test("an app over its limit loses its oldest key", async () => {
  const { once } = start(2);
  for (const key of ["a", "b", "c"]) await once(key);
  expect([await once("b"), await once("c"), await once("a")]).toEqual([2, 3, 4]);
});

test("expired keys are removed before others", async () => {
  const { clock, once } = start(2);
  await once("o");
  clock.advance(windowMs / 2);
  await once("y");
  clock.advance(windowMs / 2);
  await once("n");
  expect(await once("y")).toBe(2);
});

test("the same key of two apps is two keys", async () => {
  const { isNew } = start();
  expect([await isNew("1", "a"), await isNew("2", "a"), await isNew("1", "a")]).toEqual([true, true, false]);
});

test("an app over its limit does not remove another app's keys", async () => {
  const { isNew } = start(2);
  await isNew("2", "quiet");
  for (const key of ["a", "b", "c", "d"]) await isNew("1", key);
  expect(await isNew("2", "quiet")).toBe(false);
});

test("over the total limit the app with the most keys loses its oldest", async () => {
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

test("an app that just fits into its own limit keeps its keys when all apps are over theirs", async () => {
  const keyBytes = entryBytes - 1;
  const limits = { perApp: 2 * keyBytes, inAll: 3 * keyBytes };
  const idempotency = new Idempotency<string>(new FakeClock(), limits, () => 0);
  const answer = (appId: string, key: string, text: string) =>
    idempotency.once(appId, key, windowMs, async () => text);
  for (const key of ["a", "b"]) await answer("2", key, "first");
  for (const key of ["a", "b"]) await answer("1", key, "first");
  expect(await answer("1", "a", "second")).toBe("first");
  expect(await answer("2", "a", "second")).toBe("second");
});
