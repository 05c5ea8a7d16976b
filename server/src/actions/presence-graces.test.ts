import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { PresenceGraces } from "./presence-graces.ts";

test("each member leaves once: after its grace, or earlier when all graces end", async () => {
  const clock = new FakeClock();
  const graces = new PresenceGraces(clock);
  const left: string[] = [];
  const begin = (name: string, graceMs: number) =>
    graces.begin(graceMs, async () => {
      left.push(name);
    });
  begin("ada", 10);
  begin("bob", 20);
  clock.advance(10);
  expect(left).toEqual(["ada"]);
  await graces.endAll();
  expect(left).toEqual(["ada", "bob"]);
  clock.advance(100);
  await graces.endAll();
  expect(left).toEqual(["ada", "bob"]);
});
