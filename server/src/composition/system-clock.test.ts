import { expect, test } from "bun:test";
import { systemClock as clock } from "./system-clock.ts";

/** Resolves after the delay, when also the tasks have run that run together with this one. */
function pass(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

test("a task that need not be punctual runs when the clock runs another at about that time", async () => {
  const runs: string[] = [];
  clock.afterAbout(400, () => runs.push("soon"));
  const cancelLater = clock.afterAbout(60_000, () => runs.push("in a minute"));
  clock.afterAbout(400, () => runs.push("cancelled"))();
  await pass(1);
  expect(runs).toEqual(["soon"]);
  await pass(1);
  expect(runs).toEqual(["soon"]);
  cancelLater();
});

test("it runs in time if the clock runs no other", async () => {
  const runs: string[] = [];
  await new Promise<void>((resolve) => {
    clock.afterAbout(0, () => {
      runs.push("alone");
      resolve();
    });
  });
  await pass(1);
  expect(runs).toEqual(["alone"]);
});

test("a task may plan another, which waits for the next one, and cancel another", async () => {
  const runs: string[] = [];
  let cancelOther: () => void = () => undefined;
  clock.afterAbout(400, () => {
    runs.push("first");
    clock.afterAbout(400, () => runs.push("second"));
    cancelOther();
  });
  cancelOther = clock.afterAbout(400, () => runs.push("cancelled"));
  await pass(1);
  expect(runs).toEqual(["first"]);
  await pass(1);
  expect(runs).toEqual(["first", "second"]);
});
