/** A link to Redis that breaks between a call and its answer: the call's changes are still reported, once. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import type { RosterChange } from "../../src/core/ports/roster.ts";
import { RecordedLine } from "../support/fakes/recorded-line.ts";
import { TcpProxy } from "../support/net/tcp-proxy.ts";
import { freshPrefix, openRedisNode } from "../support/redis-nodes.ts";
import { startRedis } from "../support/services/redis.ts";
import { until } from "../support/until.ts";

const appId = "1";
const rest = { membersMax: 100, isCountPublished: false, bounds: null, catchUp: null };
let redis: Awaited<ReturnType<typeof startRedis>>;
let proxy: TcpProxy;
/** The first node is behind the proxy. */
let nodes: RedisSuppliers[];
let changes: RosterChange[];
let lines: RecordedLine[];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.remove());
beforeEach(async () => {
  const prefix = freshPrefix();
  proxy = await TcpProxy.open([redis.port]);
  nodes = [
    await openRedisNode(`redis://127.0.0.1:${proxy.port}`, prefix),
    await openRedisNode(redis.url, prefix),
  ];
  changes = [];
  lines = nodes.map(({ broker, roster }) => {
    roster.onChange((change) => changes.push(change));
    const line = new RecordedLine();
    broker.listen(line);
    return line;
  });
});
afterEach(async () => {
  for (const { link } of nodes) link.close();
  await proxy.close();
});

/** The changes reported since the last call, without revisions, sorted. */
async function reported(count: number): Promise<string[]> {
  await until(`${count} changes`, () => changes.length >= count);
  return changes
    .splice(0)
    .map(({ appId: _, revision: __, ...change }) => Object.values(change).join(" "))
    .sort();
}

function two(): [RedisSuppliers, RedisSuppliers] {
  const [cut, other] = nodes;
  if (cut === undefined || other === undefined) throw new Error("There are two nodes");
  return [cut, other];
}

async function join(
  { roster }: RedisSuppliers,
  channel: string,
  userId: string | null,
  isCountPublished = false,
) {
  const member = userId === null ? null : { userId, infoJson: null };
  await roster.join({ ...rest, appId, channel, member, isCountPublished }, () => undefined);
}

test("changes whose answers were lost with the connection are reported once, when the link is back", async () => {
  const [cut, other] = two();
  await cut.broker.follow(appId, "news");
  await other.broker.follow(appId, "talk");
  await join(cut, "talk", null, true);
  await join(cut, "presence-room", "ada");
  await cut.roster.userConnected(appId, "ada", true);
  await reported(5);

  proxy.loseAnswers();
  const calls = [
    join(cut, "talk", null, true),
    join(cut, "news", null),
    join(cut, "presence-room", "bob"),
    cut.roster.leave({ appId, channel: "presence-room", userId: "ada", isCountPublished: false }),
    cut.roster.userConnected(appId, "bob", true),
    cut.roster.userDisconnected(appId, "ada", true),
  ];
  await until("the count on the other node's line", () =>
    lines[1]?.received.some(({ what, value }) => what === "count" && value === 2),
  );
  await until("the users to be in Redis", async () => {
    const online = await other.roster.onlineUsers(appId, ["ada", "bob"]);
    return online.has("bob") && !online.has("ada");
  });
  expect(changes).toEqual([]);
  proxy.cut();
  await Promise.all(calls);
  const expected = [
    "channel_occupied news",
    "member_added presence-room bob",
    "member_removed presence-room ada",
    "subscription_count talk 2",
    "user_offline ada",
    "user_online bob",
  ];
  expect(await reported(expected.length)).toEqual(expected);

  // Each is reported once: a repeat would appear before the next change.
  await cut.roster.leave({ appId, channel: "news", userId: null, isCountPublished: false });
  expect(await reported(1)).toEqual(["channel_vacated news"]);
});

test("a sweep reports the counts that it changes", async () => {
  const [cut, other] = two();
  await join(other, "news", null, true);
  await join(cut, "news", null, true);
  await until("the count of two", () =>
    changes.some((change) => change.type === "subscription_count" && change.subscriptionCount === 2),
  );
  changes = [];
  cut.link.close();
  await other.roster.sweep(cut.nodes.id, 10_000);
  expect(await reported(1)).toEqual(["subscription_count news 1"]);
});

test("a call over a lost connection does not undo a later one", async () => {
  const [cut, other] = two();
  await join(cut, "news", null);
  const { keys, nodeId } = cut.link;
  const leftBefore = [nodeId, "0", "", nodeId, "1", "0"];
  await expect(other.link.run("leave", keys.channel(appId, "news"), leftBefore)).rejects.toThrow("STALE");
  expect((await cut.roster.counts(appId, "news")).subscriptionCount).toBe(1);
});

test.each([
  ["without history", null],
  ["with history", { eventsMax: 10, ageMsMax: 60_000 }],
])(
  "an event whose answer was lost with the connection arrives once on its node: a channel %s",
  async (_, bounds) => {
    const [cut, other] = two();
    const publish = (frame: string) =>
      cut.broker.publish(appId, "news", { frame, exceptSocketId: null, userId: null }, bounds);
    const frames = () => lines.map((line) => line.frames("news"));
    for (const { roster } of nodes)
      await roster.join({ ...rest, appId, channel: "news", member: null, bounds }, () => undefined);
    await publish("first");
    await until("the first event", () => frames().every((mine) => mine.length === 1));
    proxy.loseAnswers();
    const published = publish("lost");
    await until("the event on the other node", () => frames()[1]?.length === 2);
    proxy.cut();
    expect((await published).outcome).toBe("local");
    await until("the link", () => cut.figures().gaps === 1);
    await other.broker.publish(appId, "news", { frame: "last", exceptSocketId: null, userId: null }, bounds);
    await until("the last event", () => frames().every((mine) => mine.includes("last")));
    expect(frames()).toEqual([
      ["first", "lost", "last"],
      ["first", "lost", "last"],
    ]);
  },
);
