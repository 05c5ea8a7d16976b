/** What every roster must do, whatever it is made of: run against each supplier of the port. */
import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Broker } from "../../src/core/ports/broker.ts";
import type { HistoryBounds } from "../../src/core/ports/history.ts";
import type { Joined, JoinRequest, Roster, RosterChange } from "../../src/core/ports/roster.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";
import { RecordedLine } from "../support/fakes/recorded-line.ts";
import { until } from "../support/until.ts";

const appId = "1";
const nobody = { subscriptionCount: 0, userCount: 0 };
const ada: MemberInfo = { userId: "ada", infoJson: '{"name":"Ada"}' };
const bob: MemberInfo = { userId: "bob", infoJson: null };
const bounds: HistoryBounds = { eventsMax: 5, ageMsMax: 3_600_000 };

export interface RosterNode {
  readonly roster: Roster;
  /** The one that shares the lines with the roster. Nobody listens to them yet. */
  readonly broker: Broker;
}

/** `open` gives the nodes of a cluster whose engine is empty each time it is called: at least one. */
export function rosterContract(
  supplier: string,
  open: () => readonly [RosterNode, ...RosterNode[]] | Promise<readonly [RosterNode, ...RosterNode[]]>,
): void {
  let nodes: readonly [RosterNode, ...RosterNode[]];
  let first: Roster;
  let last: Roster;
  let lines: RecordedLine[];
  let changes: RosterChange[];

  async function join(
    roster: Roster,
    channel: string,
    member: MemberInfo | null = null,
    rest: Partial<JoinRequest> = {},
  ): Promise<Joined> {
    let answer: Joined | null = null;
    await roster.join(
      {
        ...{
          appId,
          channel,
          member,
          membersMax: 1_000,
          isCountPublished: false,
          bounds: null,
          catchUp: null,
        },
        ...rest,
      },
      (joined) => {
        if (answer !== null) throw new Error("entered was called twice");
        answer = joined;
      },
    );
    if (answer === null) throw new Error("The join was done before entered was called");
    return answer;
  }

  async function leave(
    roster: Roster,
    channel: string,
    userId: string | null = null,
    isCountPublished = false,
  ): Promise<void> {
    await roster.leave({ appId, channel, userId, isCountPublished });
  }

  /** Waits for the counts, which a supplier may tell a moment late. */
  async function counted(channel: string, expected: { subscriptionCount: number; userCount: number }) {
    for (const { roster } of nodes)
      await until(`${JSON.stringify(expected)} in ${channel}`, async () =>
        Bun.deepEquals(await roster.counts(appId, channel), expected),
      );
  }

  /** What was told, without its place and time, once there is this much of it. */
  async function reported(length: number): Promise<object[]> {
    await until(`${length} changes`, () => changes.length >= length);
    return changes.map(({ revision: _, appId: __, ...change }) =>
      "awayMs" in change ? { ...change, awayMs: undefined } : change,
    );
  }

  describe(`${supplier} as a roster`, () => {
    beforeEach(async () => {
      nodes = await open();
      changes = [];
      lines = nodes.map(({ broker, roster }) => {
        const line = new RecordedLine();
        broker.listen(line);
        roster.onChange((change) => changes.push(change));
        return line;
      });
      first = nodes[0].roster;
      last = nodes.at(-1)?.roster ?? first;
    });

    test("a channel is occupied with the first who joins and vacated with the last who leaves, once each", async () => {
      await join(first, "news");
      await join(last, "news");
      await counted("news", { subscriptionCount: 2, userCount: 0 });
      await leave(first, "news");
      expect(await reported(1)).toEqual([{ type: "channel_occupied", channel: "news" }]);
      await leave(last, "news");
      expect(await reported(2)).toEqual([
        { type: "channel_occupied", channel: "news" },
        { type: "channel_vacated", channel: "news" },
      ]);
      await counted("news", nobody);
      await join(first, "news");
      await reported(3);
      const revisions = changes.map(({ revision }) => revision);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    });

    test("a return says how long it was away, where the departure may be told after it", async () => {
      const ann = { userId: "ann", infoJson: null };
      await join(first, "presence-room", ann);
      await leave(first, "presence-room", "ann");
      await join(last, "presence-room", ann);
      for (const roster of [first, last]) {
        await roster.userConnected(appId, "ann", false);
        await roster.userDisconnected(appId, "ann", false);
      }
      await reported(10);
      const isArrival = ({ type }: RosterChange) => /occupied|added|online/.test(type);
      const arrivals = changes.filter(isArrival).map((change) => "awayMs" in change && change.awayMs);
      expect(arrivals).toHaveLength(6);
      const isShort = (ms: unknown) => typeof ms === "number" && ms >= 0 && ms < 10_000;
      const back = nodes.length === 1 ? 0 : 3;
      expect(arrivals.filter(isShort)).toHaveLength(back);
      expect(arrivals.filter((ms) => ms === false)).toHaveLength(6 - back);
    });

    test("of many who join and leave at once one occupies the channel and one vacates it", async () => {
      const rosters = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? first : last));
      await Promise.all(rosters.map((roster) => join(roster, "news")));
      await counted("news", { subscriptionCount: 50, userCount: 0 });
      await Promise.all(rosters.map((roster) => leave(roster, "news")));
      await counted("news", nobody);
      expect(await reported(2)).toEqual([
        { type: "channel_occupied", channel: "news" },
        { type: "channel_vacated", channel: "news" },
      ]);
      expect((await last.channels(appId, "")).size).toBe(0);
    });

    test("a user with connections on two nodes arrives with the first, is there once, and departs with the last", async () => {
      expect(await join(first, "presence-a", ada)).toEqual({
        outcome: "joined",
        members: [ada],
        history: null,
      });
      expect(await join(last, "presence-a", { ...ada, infoJson: "2" })).toMatchObject({ members: [ada] });
      expect(await join(first, "presence-a", bob)).toMatchObject({
        members: expect.arrayContaining([ada, bob]),
      });
      await counted("presence-a", { subscriptionCount: 3, userCount: 2 });
      await leave(first, "presence-a", "ada");
      await leave(last, "presence-a", "ada");
      expect(await reported(4)).toEqual([
        { type: "channel_occupied", channel: "presence-a" },
        { type: "member_added", channel: "presence-a", userId: "ada" },
        { type: "member_added", channel: "presence-a", userId: "bob" },
        { type: "member_removed", channel: "presence-a", userId: "ada" },
      ]);
      expect(await last.members(appId, "presence-a")).toEqual([bob]);
    });

    test("a joiner is in its own list and not told of itself; whoever is there hears the changes after their list", async () => {
      const [line] = lines;
      const heardAtEntry: number[] = [];
      const enter = (member: MemberInfo) =>
        first.join(
          {
            ...{ appId, channel: "presence-a", member, membersMax: 10 },
            ...{ isCountPublished: false, bounds: null, catchUp: null },
          },
          (joined) => {
            if (joined.outcome === "joined") expect(joined.members).toContainEqual(member);
            heardAtEntry.push(line?.heard.length ?? 0);
          },
        );
      await enter(ada);
      await enter(bob);
      await leave(first, "presence-a", "ada");
      await until("the removal", () => line?.heard.length === 3);
      expect(heardAtEntry).toEqual([1, 2]);
      expect(line?.heard.map(({ what, value }) => [what, value])).toEqual([
        ["added", ada],
        ["added", bob],
        ["removed", "ada"],
      ]);
    });

    test("the list of a joiner and the changes after it are the truth on each node, whoever comes and goes", async () => {
      const known = nodes.map(() => new Set<string>());
      const heard = lines.map(() => 0);
      const lists = new Map<number, number>();
      for (const [index, { roster }] of nodes.entries()) {
        const watcher = { userId: `watcher ${index}`, infoJson: null };
        await roster.join(
          {
            ...{ appId, channel: "presence-a", member: watcher, membersMax: 100 },
            ...{ isCountPublished: false, bounds: null, catchUp: null },
          },
          (joined) => {
            if (joined.outcome === "full") return;
            for (const { userId } of joined.members) known[index]?.add(userId);
            lists.set(index, lines[index]?.heard.length ?? 0);
          },
        );
      }
      const comers = Array.from({ length: 40 }, (_, index) => ({
        roster: index % 2 === 0 ? first : last,
        userId: `user ${index % 7}`,
        isStaying: index % 5 === 0,
      }));
      await Promise.all(
        comers.map(async ({ roster, userId, isStaying }) => {
          await join(roster, "presence-a", { userId, infoJson: null });
          if (!isStaying) await leave(roster, "presence-a", userId);
        }),
      );
      const truth = new Set((await first.members(appId, "presence-a")).map(({ userId }) => userId));
      for (const [index, line] of lines.entries())
        await until("the same members on each node", () => {
          const from = Math.max(heard[index] ?? 0, lists.get(index) ?? 0);
          heard[index] = line.heard.length;
          for (const { what, value } of line.heard.slice(from)) {
            const members = known[index] ?? new Set();
            if (what === "added") {
              expect(members.has((value as MemberInfo).userId)).toBe(false);
              members.add((value as MemberInfo).userId);
            } else if (what === "removed") {
              expect(members.delete(value as string)).toBe(true);
            }
          }
          return Bun.deepEquals(known[index], truth);
        });
    });

    test("users who join at once through one node hear of each other once, in the list or after it", async () => {
      const [line] = lines;
      const userIds = Array.from({ length: 8 }, (_, index) => `user ${index}`);
      const joiners: { readonly heard: number; readonly list: readonly string[] }[] = [];
      await Promise.all(
        userIds.map((userId) =>
          first.join(
            {
              ...{ appId, channel: "presence-a", member: { userId, infoJson: null }, membersMax: 100 },
              ...{ isCountPublished: false, bounds: null, catchUp: null },
            },
            (joined) => {
              const members = joined.outcome === "joined" ? joined.members : [];
              joiners.push({
                heard: line?.heard.length ?? 0,
                list: members.map((member) => member.userId),
              });
            },
          ),
        ),
      );
      await until("all arrivals", () => line?.heard.length === userIds.length);
      for (const { heard, list } of joiners) {
        const later = line?.heard.slice(heard).map(({ value }) => (value as MemberInfo).userId) ?? [];
        expect([...list, ...later].sort()).toEqual(userIds);
      }
    });

    test("a full channel refuses a new user, and lets a known one in again, on any node", async () => {
      await join(first, "presence-a", ada, { membersMax: 1 });
      expect(await join(last, "presence-a", bob, { membersMax: 1 })).toEqual({ outcome: "full" });
      expect(await join(last, "presence-a", ada, { membersMax: 1 })).toMatchObject({ outcome: "joined" });
      await counted("presence-a", { subscriptionCount: 2, userCount: 1 });
    });

    test("of many users who want the last places at once, as many get in as there are places", async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          join(
            index % 2 === 0 ? first : last,
            "presence-a",
            { userId: `u${index}`, infoJson: null },
            { membersMax: 7 },
          ),
        ),
      );
      expect(answers.filter(({ outcome }) => outcome === "joined")).toHaveLength(7);
      expect(await last.members(appId, "presence-a")).toHaveLength(7);
      expect(await join(last, "news", null, { membersMax: 1 })).toMatchObject({ outcome: "joined" });
      expect(await join(last, "news", null, { membersMax: 1 })).toMatchObject({ outcome: "joined" });
    });

    test("members keep their ids and their info to the letter", async () => {
      const members = ["__proto__", "é 😀", 'a"b:c/d', "1"].map((userId) => ({
        ...{ userId, infoJson: '{ "a" : 1 }' },
      }));
      for (const member of members) await join(first, "presence-a", member);
      expect(new Set(await last.members(appId, "presence-a"))).toEqual(new Set(members));
    });

    test("occupied channels are listed by prefix, each with its counts", async () => {
      await join(first, "presence-a", ada);
      await join(last, "presence-a", ada);
      await join(first, "presence_a");
      await join(last, "news");
      await counted("presence-a", { subscriptionCount: 2, userCount: 1 });
      expect(await first.channels(appId, "presence-")).toEqual(
        new Map([["presence-a", { subscriptionCount: 2, userCount: 1 }]]),
      );
      expect(new Set((await first.channels(appId, "")).keys())).toEqual(
        new Set(["presence-a", "presence_a", "news"]),
      );
    });

    test("apps share neither channels nor users", async () => {
      await join(first, "news");
      await join(first, "news", null, { appId: "2" });
      await first.userConnected(appId, "ada", true);
      await last.userConnected("2", "ada", true);
      expect((await reported(4)).map((change) => "type" in change && change.type)).toEqual([
        "channel_occupied",
        "channel_occupied",
        "user_online",
        "user_online",
      ]);
      await leave(first, "news");
      await counted("news", nobody);
      expect(await last.counts("2", "news")).toMatchObject({ subscriptionCount: 1 });
      expect(await first.onlineUsers("3", ["ada"])).toEqual(new Set());
    });

    test("the count is told to the channel after each join and leave, the joiner included, where it is asked for", async () => {
      await join(first, "news", null, { isCountPublished: true });
      await join(first, "quiet");
      await until("the first count", () => lines[0]?.heard.length === 1);
      await join(first, "news", null, { isCountPublished: true });
      await until("the second count", () => lines[0]?.heard.length === 2);
      await leave(first, "news", null, true);
      await until("the third count", () => lines[0]?.heard.length === 3);
      expect(lines[0]?.heard.map(({ channel, value }) => [channel, value])).toEqual([
        ["news", 1],
        ["news", 2],
        ["news", 1],
      ]);
      const counts = changes.filter(({ type }) => type === "subscription_count");
      expect(counts).toMatchObject([1, 2, 1].map((subscriptionCount) => ({ subscriptionCount })));
    });

    test("a user is online from the first signed-in connection of all nodes to the last", async () => {
      await first.userConnected(appId, "ada", true);
      await last.userConnected(appId, "ada", true);
      await first.userDisconnected(appId, "ada", true);
      expect(await first.onlineUsers(appId, ["bob", "ada", "__proto__"])).toEqual(new Set(["ada"]));
      await last.userDisconnected(appId, "ada", true);
      expect(await reported(2)).toEqual([
        { type: "user_online", userId: "ada" },
        { type: "user_offline", userId: "ada" },
      ]);
      expect([await last.onlineUsers(appId, ["ada"]), await first.onlineUsers(appId, [])]).toEqual([
        new Set(),
        new Set(),
      ]);
    });

    test("whoever watches a user knows whether it is online, and hears each change, where changes are told", async () => {
      await last.userConnected(appId, "ada", true);
      await first.watch(appId, ["ada", "bob"]);
      expect([first.isOnline(appId, "ada"), first.isOnline(appId, "bob")]).toEqual([true, false]);
      const [line] = lines;
      const from = line?.heard.length ?? 0;
      await last.userConnected(appId, "bob", true);
      await last.userDisconnected(appId, "ada", true);
      await until("both changes", () => line?.heard.length === from + 2);
      // The lines of two users have no order among each other.
      expect(new Map(line?.heard.slice(from).map(({ channel, value }) => [channel, value]))).toEqual(
        new Map([
          ["bob", true],
          ["ada", false],
        ]),
      );
      expect([first.isOnline(appId, "ada"), first.isOnline(appId, "bob")]).toEqual([false, true]);
      await last.userConnected(appId, "eve", false);
      await last.userDisconnected(appId, "eve", false);
      await reported(5);
      expect(line?.heard.slice(from)).toHaveLength(2);
    });

    test("a joiner gets the events that it missed, whole, and stands where the line goes on", async () => {
      const [{ broker }] = nodes;
      const publish = (frame: string) =>
        broker.publish(appId, "news", { frame, exceptSocketId: null, userId: null }, bounds);
      const published = [await publish("1"), await publish("2"), await publish("3")];
      const positions = published.map((one) => (one.outcome === "sequenced" ? one.position : null));
      const [after, , newest] = positions;
      if (!after || !newest) throw new Error("The events were not kept");
      const recover = async (rest: Partial<JoinRequest>) => {
        const joined = await join(last, "news", null, { bounds, ...rest });
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
        ...{ outcome: "refused", reason: "too_many", position: newest },
      });
      expect(await missed({ epoch: "another", offset: 1 })).toMatchObject({ reason: "unknown_epoch" });
      expect(await missed({ epoch, offset: 99 })).toMatchObject({ reason: "unknown_epoch" });
      for (const frame of ["4", "5", "6", "7"]) await publish(frame);
      expect(await missed(after)).toMatchObject({ outcome: "refused", reason: "expired" });
      expect(await recover({ catchUp: { type: "rewind", eventsMax: 2, ageMsMax: 1_000_000 } })).toMatchObject(
        {
          ...{ outcome: "whole", events: [{ frame: "6" }, { frame: "7" }] },
        },
      );
      expect(await recover({ catchUp: null })).toMatchObject({ outcome: "whole", events: [] });
      expect(await recover({ bounds: null })).toBeNull();
    });

    test("the first who finds a channel's history empty is told so, until there is an event or nobody", async () => {
      const isFirstMiss = async (roster: Roster) => {
        const catchUp = { type: "rewind", eventsMax: 1, ageMsMax: 1_000_000 } as const;
        const joined = await join(roster, "cache-a", null, { bounds, catchUp });
        const history = joined.outcome === "joined" ? joined.history : null;
        return history?.outcome === "whole" ? history.isFirstMiss : null;
      };
      const misses = await Promise.all(
        Array.from({ length: 10 }, (_, index) => isFirstMiss(index % 2 === 0 ? first : last)),
      );
      expect(misses.filter((isFirst) => isFirst)).toHaveLength(1);
      for (let index = 0; index < 10; index++) await leave(index % 2 === 0 ? first : last, "cache-a");
      expect([await isFirstMiss(last), await isFirstMiss(first)]).toEqual([true, false]);
      await nodes[0].broker.publish(
        ...([appId, "cache-a", { frame: "f", exceptSocketId: null, userId: null }, bounds] as const),
      );
      expect(await isFirstMiss(first)).toBe(false);
    });

    test("whoever comes and goes in whatever order, the counts are those of a plain list", async () => {
      await fc.assert(fc.asyncProperty(moves, playedLikeAList), { numRuns: 30 });
    });
  });

  /** Each move turns one connection's presence in one channel round: in where it is out, out where it is in. */
  async function playedLikeAList(
    turns: readonly { readonly channel: string; readonly connection: number }[],
  ): Promise<void> {
    const present = new Map<string, Set<number>>();
    const usersOf = (connections: Set<number>) => new Set([...connections].map((one) => one % 3)).size;
    for (const { channel, connection } of turns) {
      const connections = present.get(channel) ?? new Set<number>();
      present.set(channel, connections);
      const roster = connection % 2 === 0 ? first : last;
      const userId = `user ${connection % 3}`;
      if (connections.delete(connection)) {
        await leave(roster, channel, userId);
      } else {
        connections.add(connection);
        const joined = await join(roster, channel, { userId, infoJson: null });
        expect(joined.outcome === "joined" && joined.members.length).toBe(usersOf(connections));
      }
    }
    for (const [channel, connections] of present) {
      await counted(channel, { subscriptionCount: connections.size, userCount: usersOf(connections) });
      for (const one of connections) await leave(one % 2 === 0 ? first : last, channel, `user ${one % 3}`);
      await counted(channel, nobody);
    }
    expect((await first.channels(appId, "")).size).toBe(0);
  }
}

const moves = fc.array(
  fc.record({
    channel: fc.constantFrom("presence-a", "presence-b"),
    connection: fc.integer({ min: 0, max: 6 }),
  }),
  { maxLength: 40 },
);
