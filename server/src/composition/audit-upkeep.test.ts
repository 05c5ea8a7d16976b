import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { AuditUpkeep } from "./audit-upkeep.ts";

const hourMs = 3_600_000;

function start(retentionDays: number) {
  const clock = new FakeClock();
  const state = { sequence: 0, isAway: false };
  const removals: number[] = [];
  const heads: unknown[] = [];
  const audit = {
    head: async () => {
      if (state.isAway) throw new Error("away");
      return { sequence: state.sequence, hash: "ab".repeat(32) };
    },
    removeBefore: async (beforeMs: number) => {
      removals.push(clock.now() - beforeMs);
      return 0;
    },
  };
  const log = {
    info: ({ auditHead }: { auditHead: string }) => void heads.push(auditHead),
    debug: () => undefined,
  };
  return {
    clock,
    state,
    removals,
    heads,
    keeper: new AuditUpkeep(audit, retentionDays, clock, log as never),
  };
}

test("a changed head is logged, also after the database was away", async () => {
  const { state, heads, keeper } = start(0);
  await keeper.look();
  state.sequence = 2;
  await keeper.look();
  await keeper.look();
  state.isAway = true;
  await keeper.look();
  state.isAway = false;
  state.sequence = 3;
  await keeper.look();
  expect(heads).toEqual([`2:${"ab".repeat(32)}`, `3:${"ab".repeat(32)}`]);
});

test("old entries are removed once a day, and never without a retention period", async () => {
  const { clock, removals, keeper } = start(30);
  for (let hour = 0; hour < 25; hour += 1) {
    await keeper.look();
    clock.advance(hourMs);
  }
  expect(removals).toEqual([30 * 24 * hourMs, 30 * 24 * hourMs]);

  const forever = start(0);
  await forever.keeper.look();
  expect(forever.removals).toEqual([]);
});
