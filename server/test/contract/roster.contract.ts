/** The contract of every roster. Run it against each supplier of the port. */
import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { RosterChange } from "../../src/core/ports/roster.ts";
import { until } from "../support/until.ts";
import { rosterHistoryContract } from "./roster-history.contract.ts";
import { rosterPresenceContract } from "./roster-presence.contract.ts";
import { ada, appId, nobody, type RosterNodes, RosterStage } from "./roster-stage.ts";
import { rosterUsersContract } from "./roster-users.contract.ts";

/** @param open returns the nodes of a cluster with an empty engine, new at each call */
export function rosterContract(supplier: string, open: () => RosterNodes | Promise<RosterNodes>): void {
  let stage: RosterStage;

  describe(`${supplier} as a roster`, () => {
    beforeEach(async () => {
      stage = new RosterStage(await open());
    });

    rosterPresenceContract(() => stage);
    rosterUsersContract(() => stage);
    rosterHistoryContract(() => stage);

    test("the first join occupies a channel and the last leave vacates it, each reported once", async () => {
      await stage.join(stage.first, "news");
      await stage.join(stage.last, "news");
      await stage.counted("news", { subscriptionCount: 2, userCount: 0 });
      await stage.leave(stage.first, "news");
      expect(await stage.reported(1)).toEqual([{ type: "channel_occupied", channel: "news" }]);
      await stage.leave(stage.last, "news");
      expect(await stage.reported(2)).toEqual([
        { type: "channel_occupied", channel: "news" },
        { type: "channel_vacated", channel: "news" },
      ]);
      await stage.counted("news", nobody);
      await stage.join(stage.first, "news");
      await stage.reported(3);
      const revisions = stage.changes.map(({ revision }) => revision);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    });

    test("a return reports the time of absence if its departure may be reported later", async () => {
      const ann = { userId: "ann", infoJson: null };
      await stage.join(stage.first, "presence-room", ann);
      await stage.leave(stage.first, "presence-room", "ann");
      await stage.join(stage.last, "presence-room", ann);
      for (const roster of [stage.first, stage.last]) {
        await roster.userConnected(appId, "ann", false);
        await roster.userDisconnected(appId, "ann", false);
      }
      await stage.reported(10);
      const isArrival = ({ type }: RosterChange) => /occupied|added|online/.test(type);
      const arrivals = stage.changes.filter(isArrival).map((change) => "awayMs" in change && change.awayMs);
      expect(arrivals).toHaveLength(6);
      const isShort = (ms: unknown) => typeof ms === "number" && ms >= 0 && ms < 10_000;
      const back = stage.nodes.length === 1 ? 0 : 3;
      expect(arrivals.filter(isShort)).toHaveLength(back);
      expect(arrivals.filter((ms) => ms === false)).toHaveLength(6 - back);
    });

    test("of many concurrent joins and leaves, one occupies the channel and one vacates it", async () => {
      const rosters = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? stage.first : stage.last));
      await Promise.all(rosters.map((roster) => stage.join(roster, "news")));
      await stage.counted("news", { subscriptionCount: 50, userCount: 0 });
      await Promise.all(rosters.map((roster) => stage.leave(roster, "news")));
      await stage.counted("news", nobody);
      expect(await stage.reported(2)).toEqual([
        { type: "channel_occupied", channel: "news" },
        { type: "channel_vacated", channel: "news" },
      ]);
      expect((await stage.last.channels(appId, "")).size).toBe(0);
    });

    test("occupied channels are listed by prefix, each with its counts", async () => {
      await stage.join(stage.first, "presence-a", ada);
      await stage.join(stage.last, "presence-a", ada);
      await stage.join(stage.first, "presence_a");
      await stage.join(stage.last, "news");
      await stage.counted("presence-a", { subscriptionCount: 2, userCount: 1 });
      expect(await stage.first.channels(appId, "presence-")).toEqual(
        new Map([["presence-a", { subscriptionCount: 2, userCount: 1 }]]),
      );
      expect(new Set((await stage.first.channels(appId, "")).keys())).toEqual(
        new Set(["presence-a", "presence_a", "news"]),
      );
    });

    test("apps share neither channels nor users", async () => {
      await stage.join(stage.first, "news");
      await stage.join(stage.first, "news", null, { appId: "2" });
      await stage.first.userConnected(appId, "ada", true);
      await stage.last.userConnected("2", "ada", true);
      expect((await stage.reported(4)).map((change) => "type" in change && change.type)).toEqual([
        "channel_occupied",
        "channel_occupied",
        "user_online",
        "user_online",
      ]);
      await stage.leave(stage.first, "news");
      await stage.counted("news", nobody);
      expect(await stage.last.counts("2", "news")).toMatchObject({ subscriptionCount: 1 });
      expect(await stage.first.onlineUsers("3", ["ada"])).toEqual(new Set());
    });

    test("the count is published after each join and leave, if requested, also to the joining connection", async () => {
      await stage.join(stage.first, "news", null, { isCountPublished: true });
      await stage.join(stage.first, "quiet");
      await until("the first count", () => stage.lines[0]?.received.length === 1);
      await stage.join(stage.first, "news", null, { isCountPublished: true });
      await until("the second count", () => stage.lines[0]?.received.length === 2);
      await stage.leave(stage.first, "news", null, true);
      await until("the third count", () => stage.lines[0]?.received.length === 3);
      expect(stage.lines[0]?.received.map(({ channel, value }) => [channel, value])).toEqual([
        ["news", 1],
        ["news", 2],
        ["news", 1],
      ]);
      const counts = stage.changes.filter(({ type }) => type === "subscription_count");
      expect(counts).toMatchObject([1, 2, 1].map((subscriptionCount) => ({ subscriptionCount })));
    });

    test("after any sequence of joins and leaves, the counts equal those of a plain list", async () => {
      await fc.assert(fc.asyncProperty(moves, playedLikeAList), { numRuns: 30 });
    });
  });

  /** Each move toggles the membership of one connection in one channel. */
  async function playedLikeAList(
    turns: readonly { readonly channel: string; readonly connection: number }[],
  ): Promise<void> {
    const present = new Map<string, Set<number>>();
    const usersOf = (connections: Set<number>) => new Set([...connections].map((one) => one % 3)).size;
    for (const { channel, connection } of turns) {
      const connections = present.get(channel) ?? new Set<number>();
      present.set(channel, connections);
      const roster = connection % 2 === 0 ? stage.first : stage.last;
      const userId = `user ${connection % 3}`;
      if (connections.delete(connection)) {
        await stage.leave(roster, channel, userId);
      } else {
        connections.add(connection);
        const joined = await stage.join(roster, channel, { userId, infoJson: null });
        expect(joined.outcome === "joined" && joined.members.length).toBe(usersOf(connections));
      }
    }
    for (const [channel, connections] of present) {
      await stage.counted(channel, { subscriptionCount: connections.size, userCount: usersOf(connections) });
      for (const one of connections)
        await stage.leave(one % 2 === 0 ? stage.first : stage.last, channel, `user ${one % 3}`);
      await stage.counted(channel, nobody);
    }
    expect((await stage.first.channels(appId, "")).size).toBe(0);
  }
}

const moves = fc.array(
  fc.record({
    channel: fc.constantFrom("presence-a", "presence-b"),
    connection: fc.integer({ min: 0, max: 6 }),
  }),
  { maxLength: 40 },
);
