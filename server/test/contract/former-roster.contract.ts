/** What every roster must do, whatever it is made of: run against each supplier of the port. */
import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Roster } from "../../src/core/ports/former-roster.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";

const appId = "1";
const noLimit = 1_000;
const nobody = { subscriptionCount: 0, userCount: 0 };
const ada: MemberInfo = { userId: "ada", infoJson: '{"name":"Ada"}' };
const bob: MemberInfo = { userId: "bob", infoJson: null };

/** `open` gives an empty roster each time it is called. */
export function rosterContract(supplier: string, open: () => Roster | Promise<Roster>): void {
  let roster: Roster;

  function join(channel: string, socketId: string, member: MemberInfo | null = null, membersMax = noLimit) {
    return roster.join(appId, channel, socketId, member, membersMax);
  }

  describe(`${supplier} as a roster`, () => {
    beforeEach(async () => {
      roster = await open();
    });

    test("the first to join a channel is told so, and each is told how many there are", async () => {
      expect([await join("news", "1.1"), await join("news", "2.2")]).toEqual([
        {
          outcome: "joined",
          isFirstInChannel: true,
          isFirstOfUser: false,
          subscriptionCount: 1,
          members: [],
        },
        {
          outcome: "joined",
          isFirstInChannel: false,
          isFirstOfUser: false,
          subscriptionCount: 2,
          members: [],
        },
      ]);
    });

    test("the last to leave a channel is told so, and the channel begins anew", async () => {
      await join("news", "1.1");
      await join("news", "2.2");
      expect(await roster.leave(appId, "news", "1.1")).toEqual({
        wasLastInChannel: false,
        departedUserId: null,
        subscriptionCount: 1,
      });
      expect(await roster.leave(appId, "news", "2.2")).toEqual({
        wasLastInChannel: true,
        departedUserId: null,
        subscriptionCount: 0,
      });
      expect(await roster.counts(appId, "news")).toEqual(nobody);
      expect(await join("news", "1.1")).toMatchObject({ isFirstInChannel: true });
    });

    test("who was never there leaves nothing behind when they leave", async () => {
      await join("presence-a", "1.1", ada);
      for (const channel of ["presence-a", "never-entered"]) {
        expect(await roster.leave(appId, channel, "9.9")).toMatchObject({
          wasLastInChannel: false,
          departedUserId: null,
        });
      }
      expect(await roster.counts(appId, "presence-a")).toEqual({ subscriptionCount: 1, userCount: 1 });
    });

    test("of many who join at once exactly one is the first, and of as many who leave one is the last", async () => {
      const sockets = Array.from({ length: 50 }, (_, index) => `${index}.1`);
      const joined = await Promise.all(sockets.map((socketId) => join("news", socketId)));
      expect(joined.filter((one) => one.outcome === "joined" && one.isFirstInChannel)).toHaveLength(1);
      const left = await Promise.all(sockets.map((socketId) => roster.leave(appId, "news", socketId)));
      expect(left.filter(({ wasLastInChannel }) => wasLastInChannel)).toHaveLength(1);
      expect((await roster.channels(appId, "")).size).toBe(0);
    });

    test("a user with two connections arrives with the first, is there once, and departs with the last", async () => {
      expect(await join("presence-a", "1.1", ada)).toMatchObject({ isFirstOfUser: true, members: [ada] });
      expect(await join("presence-a", "1.2", ada)).toMatchObject({
        isFirstOfUser: false,
        subscriptionCount: 2,
        members: [ada],
      });
      expect(await join("presence-a", "2.1", bob)).toMatchObject({
        isFirstOfUser: true,
        isFirstInChannel: false,
      });
      expect(await roster.counts(appId, "presence-a")).toEqual({ subscriptionCount: 3, userCount: 2 });
      expect(await roster.leave(appId, "presence-a", "1.1")).toMatchObject({ departedUserId: null });
      expect(await roster.leave(appId, "presence-a", "1.2")).toMatchObject({
        departedUserId: "ada",
        wasLastInChannel: false,
      });
      expect(await roster.members(appId, "presence-a")).toEqual([bob]);
    });

    test("a full channel refuses a new user, and lets a known one in again", async () => {
      await join("presence-a", "1.1", ada, 1);
      expect(await join("presence-a", "2.1", bob, 1)).toEqual({ outcome: "full" });
      expect(await join("presence-a", "1.2", ada, 1)).toMatchObject({ outcome: "joined" });
      expect(await roster.counts(appId, "presence-a")).toEqual({ subscriptionCount: 2, userCount: 1 });
      expect(await roster.leave(appId, "presence-a", "2.1")).toMatchObject({ departedUserId: null });
    });

    test("of many users who want the last places at once, as many get in as there are places", async () => {
      const users = Array.from({ length: 20 }, (_, index) => ({ userId: `u${index}`, infoJson: null }));
      const answers = await Promise.all(
        users.map((user, index) => join("presence-a", `${index}.1`, user, 7)),
      );
      expect(answers.filter(({ outcome }) => outcome === "joined")).toHaveLength(7);
      expect(await roster.members(appId, "presence-a")).toHaveLength(7);
    });

    test("the limit on members is none on channels without members", async () => {
      for (const socketId of ["1.1", "2.2", "3.3"])
        expect(await join("news", socketId, null, 1)).toMatchObject({ outcome: "joined" });
    });

    test("members keep their ids and their info to the letter", async () => {
      const members = ["__proto__", "é 😀", 'a"b:c/d'].map((userId) => ({ userId, infoJson: '{ "a" : 1 }' }));
      for (const [index, member] of members.entries()) await join("presence-a", `${index}.1`, member);
      expect(new Set(await roster.members(appId, "presence-a"))).toEqual(new Set(members));
    });

    test("occupied channels are listed by prefix, each with its counts", async () => {
      await join("presence-a", "1.1", ada);
      await join("presence-a", "1.2", ada);
      await join("presence_a", "1.1");
      await join("news", "1.1");
      expect(await roster.channels(appId, "presence-")).toEqual(
        new Map([["presence-a", { subscriptionCount: 2, userCount: 1 }]]),
      );
      expect(new Set((await roster.channels(appId, "")).keys())).toEqual(
        new Set(["presence-a", "presence_a", "news"]),
      );
    });

    test("apps share neither channels nor users", async () => {
      await join("news", "1.1");
      await roster.userConnected(appId, "ada", "1.1");
      expect(await roster.join("2", "news", "1.1", null, noLimit)).toMatchObject({ isFirstInChannel: true });
      expect(await roster.userConnected("2", "ada", "1.1")).toBe(true);
      expect(await roster.leave(appId, "news", "1.1")).toMatchObject({ wasLastInChannel: true });
      expect(await roster.counts("2", "news")).toMatchObject({ subscriptionCount: 1 });
      expect(await roster.onlineUsers("3", ["ada"])).toEqual(new Set());
    });

    test("a user is online from the first signed-in connection to the last", async () => {
      expect(await roster.userConnected(appId, "ada", "1.1")).toBe(true);
      expect(await roster.userConnected(appId, "ada", "1.2")).toBe(false);
      expect(await roster.userDisconnected(appId, "ada", "1.1")).toBe(false);
      expect(await roster.onlineUsers(appId, ["bob", "ada", "__proto__"])).toEqual(new Set(["ada"]));
      expect(await roster.userDisconnected(appId, "ada", "1.2")).toBe(true);
      expect(await roster.userDisconnected(appId, "ada", "1.2")).toBe(false);
      expect(await roster.onlineUsers(appId, ["ada"])).toEqual(new Set());
      expect(await roster.onlineUsers(appId, [])).toEqual(new Set());
    });

    test("whoever comes and goes in whatever order, the counts are those of a plain list", async () => {
      await fc.assert(fc.asyncProperty(moves, playedLikeAList), { numRuns: 50 });
    });
  });

  /** Each move turns one socket's presence in one channel round: in where it is out, out where it is in. */
  async function playedLikeAList(turns: readonly { channel: string; socket: number }[]): Promise<void> {
    const present = new Map<string, Set<number>>();
    const usersOf = (sockets: Set<number>) => new Set([...sockets].map((socket) => socket % 3)).size;
    for (const { channel, socket } of turns) {
      const sockets = present.get(channel) ?? new Set<number>();
      present.set(channel, sockets);
      const usersBefore = usersOf(sockets);
      const socketId = `${socket}.1`;
      if (sockets.delete(socket)) {
        expect(await roster.leave(appId, channel, socketId)).toEqual({
          wasLastInChannel: sockets.size === 0,
          departedUserId: usersOf(sockets) < usersBefore ? `user ${socket % 3}` : null,
          subscriptionCount: sockets.size,
        });
      } else {
        sockets.add(socket);
        expect(await join(channel, socketId, { userId: `user ${socket % 3}`, infoJson: null })).toMatchObject(
          {
            isFirstInChannel: sockets.size === 1,
            isFirstOfUser: usersOf(sockets) > usersBefore,
            subscriptionCount: sockets.size,
          },
        );
      }
    }
    for (const [channel, sockets] of present) {
      for (const socket of sockets) await roster.leave(appId, channel, `${socket}.1`);
      expect(await roster.counts(appId, channel)).toEqual(nobody);
    }
    expect((await roster.channels(appId, "")).size).toBe(0);
  }
}

const moves = fc.array(
  fc.record({ channel: fc.constantFrom("presence-a", "presence-b"), socket: fc.integer({ min: 0, max: 6 }) }),
  { maxLength: 40 },
);
