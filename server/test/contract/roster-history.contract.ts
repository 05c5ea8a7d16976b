/** The part of the roster contract about the history that a join returns. */
import { expect, test } from "bun:test";
import type { JoinRequest, Roster } from "../../src/core/ports/roster.ts";
import { appId, bounds, type RosterStage } from "./roster-stage.ts";

/** @param open returns the stage of the running test */
export function rosterHistoryContract(open: () => RosterStage): void {
  test("a join returns all missed events, and the position at which the line continues", async () => {
    const stage = open();
    const [{ broker }] = stage.nodes;
    const publish = (frame: string) =>
      broker.publish(appId, "news", { frame, exceptSocketId: null, userId: null }, bounds);
    const published = [await publish("1"), await publish("2"), await publish("3")];
    const positions = published.map((one) => (one.outcome === "sequenced" ? one.position : null));
    const [after, , newest] = positions;
    if (!after || !newest) throw new Error("The events were not kept");
    const recover = async (rest: Partial<JoinRequest>) => {
      const joined = await stage.join(stage.last, "news", null, { bounds, ...rest });
      return joined.outcome === "joined" ? joined.history : null;
    };
    const { epoch } = newest;
    const missed = (from: typeof after, eventsMax = 10) =>
      recover({ catchUp: { type: "recover", after: from, eventsMax } });
    expect(await missed(after)).toMatchObject({
      outcome: "whole",
      position: newest,
      events: [{ frame: "2" }, { frame: "3" }],
    });
    expect(await missed(newest)).toMatchObject({ outcome: "whole", events: [] });
    expect(await missed({ epoch, offset: 0 }, 2)).toMatchObject({
      outcome: "refused",
      reason: "too_many",
      position: newest,
    });
    expect(await missed({ epoch: "another", offset: 1 })).toMatchObject({ reason: "unknown_epoch" });
    expect(await missed({ epoch, offset: 99 })).toMatchObject({ reason: "unknown_epoch" });
    for (const frame of ["4", "5", "6", "7"]) await publish(frame);
    expect(await missed(after)).toMatchObject({ outcome: "refused", reason: "expired" });
    expect(await recover({ catchUp: { type: "rewind", eventsMax: 2, ageMsMax: 1_000_000 } })).toMatchObject({
      outcome: "whole",
      events: [{ frame: "6" }, { frame: "7" }],
    });
    expect(await recover({ catchUp: null })).toMatchObject({ outcome: "whole", events: [] });
    expect(await recover({ bounds: null })).toBeNull();
  });

  test("the first join that finds an empty history is marked, until there is an event or no subscriber", async () => {
    const stage = open();
    const isFirstMiss = async (roster: Roster) => {
      const catchUp = { type: "rewind", eventsMax: 1, ageMsMax: 1_000_000 } as const;
      const joined = await stage.join(roster, "cache-a", null, { bounds, catchUp });
      const history = joined.outcome === "joined" ? joined.history : null;
      return history?.outcome === "whole" ? history.isFirstMiss : null;
    };
    const misses = await Promise.all(
      Array.from({ length: 10 }, (_, index) => isFirstMiss(index % 2 === 0 ? stage.first : stage.last)),
    );
    expect(misses.filter((isFirst) => isFirst)).toHaveLength(1);
    for (let index = 0; index < 10; index++)
      await stage.leave(index % 2 === 0 ? stage.first : stage.last, "cache-a");
    expect([await isFirstMiss(stage.last), await isFirstMiss(stage.first)]).toEqual([true, false]);
    const event = { frame: "f", exceptSocketId: null, userId: null };
    await stage.nodes[0].broker.publish(appId, "cache-a", event, bounds);
    expect(await isFirstMiss(stage.first)).toBe(false);
  });
}
