import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { pause } from "./pause.ts";

test("a pause ends after its delay, and not before", async () => {
  const clock = new FakeClock();
  let isOver = false;
  void pause(clock, 10).then(() => {
    isOver = true;
  });
  clock.advance(9);
  await Promise.resolve();
  expect(isOver).toBe(false);
  clock.advance(1);
  await Promise.resolve();
  expect(isOver).toBe(true);
});
