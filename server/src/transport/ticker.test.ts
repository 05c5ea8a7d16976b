import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { Ticker } from "./ticker.ts";

test("each task runs at its interval until the ticker is stopped", () => {
  const clock = new FakeClock();
  const ticker = new Ticker(clock);
  const runs = { each: 0, third: 0 };
  ticker.every(1, () => {
    runs.each += 1;
  });
  ticker.every(3, () => {
    runs.third += 1;
  });
  clock.advance(7_500);
  expect(runs).toEqual({ each: 7, third: 2 });
  ticker.stop();
  clock.advance(60_000);
  expect(runs).toEqual({ each: 7, third: 2 });
});
