/** The part of the roster contract about members of presence channels. */
import { expect, test } from "bun:test";
import type { MemberInfo } from "../../src/protocol/server-message.ts";
import { until } from "../support/until.ts";
import { ada, appId, bob, type RosterStage } from "./roster-stage.ts";

/** @param open returns the stage of the running test */
export function rosterPresenceContract(open: () => RosterStage): void {
  test("a user with connections on two nodes is one member, from the first join to the last leave", async () => {
    const stage = open();
    expect(await stage.join(stage.first, "presence-a", ada)).toEqual({
      outcome: "joined",
      members: [ada],
      history: null,
    });
    expect(await stage.join(stage.last, "presence-a", { ...ada, infoJson: "2" })).toMatchObject({
      members: [ada],
    });
    expect(await stage.join(stage.first, "presence-a", bob)).toMatchObject({
      members: expect.arrayContaining([ada, bob]),
    });
    await stage.counted("presence-a", { subscriptionCount: 3, userCount: 2 });
    await stage.leave(stage.first, "presence-a", "ada");
    await stage.leave(stage.last, "presence-a", "ada");
    expect(await stage.reported(4)).toEqual([
      { type: "channel_occupied", channel: "presence-a" },
      { type: "member_added", channel: "presence-a", userId: "ada" },
      { type: "member_added", channel: "presence-a", userId: "bob" },
      { type: "member_removed", channel: "presence-a", userId: "ada" },
    ]);
    expect(await stage.last.members(appId, "presence-a")).toEqual([bob]);
  });

  test("a joining member is in its own list, and receives only later changes", async () => {
    const stage = open();
    const [line] = stage.lines;
    const receivedAtEntry: number[] = [];
    const enter = (member: MemberInfo) =>
      stage.first.join(
        {
          appId,
          channel: "presence-a",
          member,
          membersMax: 10,
          isCountPublished: false,
          bounds: null,
          catchUp: null,
        },
        (joined) => {
          if (joined.outcome === "joined") expect(joined.members).toContainEqual(member);
          receivedAtEntry.push(line?.received.length ?? 0);
        },
      );
    await enter(ada);
    await enter(bob);
    await stage.leave(stage.first, "presence-a", "ada");
    await until("the removal", () => line?.received.length === 3);
    expect(receivedAtEntry).toEqual([1, 2]);
    expect(line?.received.map(({ what, value }) => [what, value])).toEqual([
      ["added", ada],
      ["added", bob],
      ["removed", "ada"],
    ]);
  });

  test("on each node, the list at the join plus the later changes equals the current members", async () => {
    const stage = open();
    const known = stage.nodes.map(() => new Set<string>());
    const received = stage.lines.map(() => 0);
    const lists = new Map<number, number>();
    for (const [index, { roster }] of stage.nodes.entries()) {
      const watcher = { userId: `watcher ${index}`, infoJson: null };
      await roster.join(
        {
          appId,
          channel: "presence-a",
          member: watcher,
          membersMax: 100,
          isCountPublished: false,
          bounds: null,
          catchUp: null,
        },
        (joined) => {
          if (joined.outcome === "full") return;
          for (const { userId } of joined.members) known[index]?.add(userId);
          lists.set(index, stage.lines[index]?.received.length ?? 0);
        },
      );
    }
    const comers = Array.from({ length: 40 }, (_, index) => ({
      roster: index % 2 === 0 ? stage.first : stage.last,
      userId: `user ${index % 7}`,
      isStaying: index % 5 === 0,
    }));
    await Promise.all(
      comers.map(async ({ roster, userId, isStaying }) => {
        await stage.join(roster, "presence-a", { userId, infoJson: null });
        if (!isStaying) await stage.leave(roster, "presence-a", userId);
      }),
    );
    const truth = new Set((await stage.first.members(appId, "presence-a")).map(({ userId }) => userId));
    for (const [index, line] of stage.lines.entries())
      await until("the same members on each node", () => {
        const from = Math.max(received[index] ?? 0, lists.get(index) ?? 0);
        received[index] = line.received.length;
        for (const { what, value } of line.received.slice(from)) {
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

  test("users who join concurrently through one node receive each other once, in the list or after it", async () => {
    const stage = open();
    const [line] = stage.lines;
    const userIds = Array.from({ length: 8 }, (_, index) => `user ${index}`);
    const joiners: { readonly received: number; readonly list: readonly string[] }[] = [];
    await Promise.all(
      userIds.map((userId) =>
        stage.first.join(
          {
            appId,
            channel: "presence-a",
            member: { userId, infoJson: null },
            membersMax: 100,
            isCountPublished: false,
            bounds: null,
            catchUp: null,
          },
          (joined) => {
            const members = joined.outcome === "joined" ? joined.members : [];
            joiners.push({
              received: line?.received.length ?? 0,
              list: members.map((member) => member.userId),
            });
          },
        ),
      ),
    );
    await until("all arrivals", () => line?.received.length === userIds.length);
    for (const { received, list } of joiners) {
      const later = line?.received.slice(received).map(({ value }) => (value as MemberInfo).userId) ?? [];
      expect([...list, ...later].sort()).toEqual(userIds);
    }
  });

  test("a full channel refuses a new user, and accepts another connection of a member, on any node", async () => {
    const stage = open();
    await stage.join(stage.first, "presence-a", ada, { membersMax: 1 });
    expect(await stage.join(stage.last, "presence-a", bob, { membersMax: 1 })).toEqual({ outcome: "full" });
    expect(await stage.join(stage.last, "presence-a", ada, { membersMax: 1 })).toMatchObject({
      outcome: "joined",
    });
    await stage.counted("presence-a", { subscriptionCount: 2, userCount: 1 });
  });

  test("many concurrent joins fill a channel exactly up to its limit of members", async () => {
    const stage = open();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        stage.join(
          index % 2 === 0 ? stage.first : stage.last,
          "presence-a",
          { userId: `u${index}`, infoJson: null },
          { membersMax: 7 },
        ),
      ),
    );
    expect(answers.filter(({ outcome }) => outcome === "joined")).toHaveLength(7);
    expect(await stage.last.members(appId, "presence-a")).toHaveLength(7);
    expect(await stage.join(stage.last, "news", null, { membersMax: 1 })).toMatchObject({
      outcome: "joined",
    });
    expect(await stage.join(stage.last, "news", null, { membersMax: 1 })).toMatchObject({
      outcome: "joined",
    });
  });

  test("ids and info of members are returned unchanged", async () => {
    const stage = open();
    const members = ["__proto__", "é 😀", 'a"b:c/d', "1"].map((userId) => ({
      userId,
      infoJson: '{ "a" : 1 }',
    }));
    for (const member of members) await stage.join(stage.first, "presence-a", member);
    expect(new Set(await stage.last.members(appId, "presence-a"))).toEqual(new Set(members));
  });
}
