import { expect, test } from "bun:test";
import fc from "fast-check";
import { type FakeClient, startProtocol } from "../../test/support/protocol-stage.ts";
import type { Pending } from "../core/ports/line.ts";
import type { Roster } from "../core/ports/roster.ts";

const channels = ["news", "cache-a", "private-a", "presence-a", "presence-cache-b"];
const verbs = fc.constantFrom("subscribe", "unsubscribe", "sign in", "close", "wait");
const turns = fc.array(
  fc.record({ who: fc.nat(4), channel: fc.constantFrom(...channels), verb: verbs, user: fc.nat(1) }),
  { maxLength: 60 },
);

/** Makes the roster asynchronous: each request takes its own number of turns of the event loop, in order. */
function moveAway(roster: Roster, delays: Iterator<number>): void {
  const [join, leave] = [roster.join.bind(roster), roster.leave.bind(roster)];
  let last: Promise<unknown> = Promise.resolve();
  const travel = (then: () => Pending): Promise<void> => {
    const before = last;
    const arrived = (async () => {
      for (let left = delays.next().value ?? 0; left > 0; left--) await Promise.resolve();
      await before;
      await then();
    })();
    last = arrived;
    return arrived;
  };
  roster.join = (request, entered) => travel(() => join(request, entered));
  roster.leave = (request) => travel(() => leave(request));
}

test("any interleaving of subscribing, leaving, signing in and closing leaves no state behind", async () => {
  await fc.assert(
    fc.asyncProperty(turns, fc.infiniteStream(fc.nat(5)), async (played, delays) => {
      const stage = startProtocol({ settings: { watchlistEnabled: true } });
      moveAway(stage.roster, delays);
      const balance = new Map<string, number>();
      for (const [arrival, departure] of pairs) {
        const count = (by: number) => (one: object) => {
          const where = "channel" in one ? one.channel : "";
          const key = `${arrival} ${where} ${"userId" in one ? one.userId : ""}`;
          balance.set(key, (balance.get(key) ?? 0) + by);
        };
        stage.activity.on(arrival, count(1));
        stage.activity.on(departure, count(-1));
      }
      const clients = Array.from({ length: 5 }, () => stage.connect());
      const closing = new Map<FakeClient, Promise<void>>();
      for (const { who, channel, verb, user } of played) {
        const client = clients[who];
        if (client === undefined || closing.has(client)) continue;
        if (verb === "close") closing.set(client, client.disconnect());
        else if (verb === "wait") await client.settled();
        else if (verb === "sign in")
          void client.signIn({ id: `user ${user}`, watchlist: ["user 0", "user 1"] });
        else if (verb === "unsubscribe") client.sendNow({ event: "pusher:unsubscribe", data: { channel } });
        else client.sendNow(client.subscription(channel, { user_id: `user ${user}` }));
      }
      await Promise.all(clients.map((client) => closing.get(client) ?? client.disconnect()));
      expect([...balance].filter(([, left]) => left !== 0)).toEqual([]);
      expect((await stage.roster.channels("1", "")).size).toBe(0);
      expect((await stage.roster.onlineUsers("1", ["user 0", "user 1"])).size).toBe(0);
      expect([stage.hub.connectionCount, stage.topics.names, stage.bugs]).toEqual([0, [], []]);
    }),
  );
});

const pairs = [
  ["connection_opened", "connection_closed"],
  ["subscribed", "unsubscribed"],
  ["channel_occupied", "channel_vacated"],
  ["member_added", "member_removed"],
  ["user_online", "user_offline"],
] as const;
