import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { AuditUpkeep } from "./audit-upkeep.ts";

const hourMs = 3_600_000;

function start(retentionDays: number) {
  const clock = new FakeClock();
  const state = { sequence: 0, isUnreachable: false };
  const removals: number[] = [];
  const heads: unknown[] = [];
  const audit = {
    head: async () => {
      if (state.isUnreachable) throw new Error("away");
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
    upkeep: new AuditUpkeep(audit, retentionDays, clock, log as never),
  };
}

test("a changed head is logged, also after the database was unreachable", async () => {
  const { state, heads, upkeep } = start(0);
  await upkeep.run();
  state.sequence = 2;
  await upkeep.run();
  await upkeep.run();
  state.isUnreachable = true;
  await upkeep.run();
  state.isUnreachable = false;
  state.sequence = 3;
  await upkeep.run();
  expect(heads).toEqual([`2:${"ab".repeat(32)}`, `3:${"ab".repeat(32)}`]);
});

test("old entries are removed once a day, and never without a retention period", async () => {
  const { clock, removals, upkeep } = start(30);
  for (let hour = 0; hour < 25; hour += 1) {
    await upkeep.run();
    clock.advance(hourMs);
  }
  expect(removals).toEqual([30 * 24 * hourMs, 30 * 24 * hourMs]);

  const forever = start(0);
  await forever.upkeep.run();
  expect(forever.removals).toEqual([]);
});
