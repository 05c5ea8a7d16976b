import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/support/fakes/fake-clock.ts";
import type { Database } from "./schema.ts";
import { WriteWatch } from "./write-watch.ts";

function stage() {
  const clock = new FakeClock();
  const logged: string[] = [];
  const disk: { error: Error | null } = { error: null };
  const execute = async () => {
    if (disk.error !== null) throw disk.error;
  };
  const db = { updateTable: () => ({ set: () => ({ execute }) }) } as unknown as Database;
  const writes = new WriteWatch(clock);
  const logLine = (_facts: object, sentence: string) => logged.push(sentence);
  writes.start(db, { info: logLine, warn: logLine });
  /** Lets two seconds pass and waits for the probe that is due. */
  const pass = async () => {
    clock.advance(2_000);
    await Bun.sleep(0);
  };
  return { writes, disk, logged, pass };
}

const fails = (code: string, message: string) => Object.assign(new Error(message), { code });
const full = fails("SQLITE_FULL", "database or disk is full");
const locked = fails("SQLITE_BUSY", "database is locked");
const begins = "The database accepts no writes: clients are still served";
const ends = "The database accepts writes again";

test("a full disk is reported immediately and once, and ends after changes have succeeded for some seconds", async () => {
  const { writes, disk, logged, pass } = stage();
  disk.error = full;
  writes.record(full);
  writes.record(full);
  expect([writes.problem, await writes.isFailing(), logged]).toEqual([full.message, true, [begins]]);
  await pass();
  disk.error = null;
  writes.record(full);
  await pass();
  expect(writes.problem).toBe(full.message);
  await pass();
  expect([writes.problem, logged]).toEqual([null, [begins, ends]]);
});

test("a lock is reported if it is still held at the next check or some seconds later", async () => {
  const { writes, disk, logged, pass } = stage();
  writes.record(locked);
  expect([writes.problem, await writes.isFailing()]).toEqual([null, false]);
  disk.error = locked;
  writes.record(locked);
  expect(await writes.isFailing()).toBe(true);
  disk.error = null;
  await pass();
  await pass();
  expect([writes.problem, logged]).toEqual([null, [begins, ends]]);
});

test("an error that an operator cannot fix is not reported as a problem", async () => {
  const { writes } = stage();
  writes.record(fails("SQLITE_CONSTRAINT_UNIQUE", "UNIQUE constraint failed"));
  expect([writes.problem, await writes.isFailing()]).toEqual([null, false]);
});

test("a damaged file stays a problem, even if some writes succeed", async () => {
  const { writes, pass } = stage();
  writes.record(fails("SQLITE_CORRUPT", "database disk image is malformed"));
  writes.record(full);
  await pass();
  await pass();
  expect(writes.problem).toBe(
    "its file is damaged (database disk image is malformed): `soketify doctor` explains what to do",
  );
  expect(await writes.isFailing()).toBe(true);
});
