import { expect, test } from "bun:test";
import { type SlowReader, SlowReaders } from "./slow-readers.ts";

class FakeReader implements SlowReader {
  isCongested = false;
  isCut = false;
  readonly appId: string | null;
  readonly unsentBytes: number;

  constructor(appId: string | null, unsentBytes: number) {
    this.appId = appId;
    this.unsentBytes = unsentBytes;
  }

  cut(): void {
    this.isCut = true;
  }
}

function check(limits: { perApp: number; inAll: number }, given: [appId: string | null, bytes: number][]) {
  const readers = given.map(([appId, bytes]) => new FakeReader(appId, bytes));
  new SlowReaders(limits).check(readers);
  return readers;
}

test("connections with unsent bytes are marked, also when none is cut", () => {
  const readers = check({ perApp: 100, inAll: 100 }, [
    ["a", 0],
    ["a", 100],
  ]);
  expect(readers.map(({ isCongested, isCut }) => [isCongested, isCut])).toEqual([
    [false, false],
    [true, false],
  ]);
});

test("an app over its limit loses the connections with the most unsent bytes, and no other app does", () => {
  const readers = check({ perApp: 100, inAll: 1_000 }, [
    ["a", 30],
    ["a", 70],
    ["a", 60],
    ["b", 100],
    [null, 5],
  ]);
  expect(readers.map(({ isCut }) => isCut)).toEqual([false, true, false, false, false]);
});

test("over the limit of all apps, the connections with the most unsent bytes are cut", () => {
  const readers = check({ perApp: 100, inAll: 150 }, [
    ["a", 40],
    ["a", 60],
    ["b", 90],
  ]);
  expect(readers.map(({ isCut }) => isCut)).toEqual([false, false, true]);
});

test("a check during a check, caused by a cut connection, does nothing", () => {
  const slowReaders = new SlowReaders({ perApp: 10, inAll: 10 });
  const readers = [new FakeReader("a", 20), new FakeReader("a", 5)];
  let cuts = 0;
  for (const reader of readers)
    reader.cut = () => {
      cuts += 1;
      slowReaders.check(readers);
    };
  slowReaders.check(readers);
  expect(cuts).toBe(1);
});
