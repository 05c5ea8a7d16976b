/** The suppliers on Redis fulfil the contracts, on one server and on a cluster of three. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import { nodeReport } from "../support/fakes/node-health.ts";
import { RecordedLine } from "../support/fakes/recorded-line.ts";
import { freshPrefix, openRedisNode } from "../support/redis-nodes.ts";
import { type RedisClusterServers, startRedis, startRedisCluster } from "../support/services/redis.ts";
import { until } from "../support/until.ts";
import { brokerContract } from "./broker.contract.ts";
import { clusterBusContract } from "./cluster-bus.contract.ts";
import { channelBytesMax, historyContract, listening, shortMs } from "./history.contract.ts";
import { nodesContract } from "./nodes.contract.ts";
import { rosterContract } from "./roster.contract.ts";

let single: Awaited<ReturnType<typeof startRedis>>;
let cluster: RedisClusterServers;
let opened: RedisSuppliers[] = [];

beforeAll(async () => {
  [single, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
});
afterEach(async () => {
  for (const { nodes } of opened) await nodes.stop();
  for (const { link } of opened) link.close();
  opened = [];
});
afterAll(async () => {
  await Promise.all([single, cluster].map((server) => server?.remove()));
});

async function open(url: string, historyChannelBytesMax?: number): Promise<[RedisSuppliers, RedisSuppliers]> {
  const prefix = freshPrefix();
  const nodes: [RedisSuppliers, RedisSuppliers] = [
    await openRedisNode(url, prefix, "local", historyChannelBytesMax),
    await openRedisNode(url, prefix, "local", historyChannelBytesMax),
  ];
  opened.push(...nodes);
  return nodes;
}

/** Nodes that have entered the cluster. */
async function openStarted(url: string, count: number): Promise<RedisSuppliers[]> {
  const prefix = freshPrefix();
  const nodes = await Promise.all(Array.from({ length: count }, () => openRedisNode(url, prefix)));
  opened.push(...nodes);
  for (const { nodes: one } of nodes) await one.start(() => nodeReport());
  return nodes;
}

for (const [kind, url] of [
  ["one Redis server", () => single.url],
  ["a Redis Cluster", () => cluster.url],
] as const) {
  brokerContract(kind, async () => {
    const [first, last] = await open(url());
    return {
      brokers: [first.broker, last.broker],
      pass: async (byMs) => {
        const end = Date.now() + byMs;
        await until("the time to pass", () => Date.now() > end);
      },
    };
  });
  rosterContract(kind, () => open(url()));
  clusterBusContract(kind, async () => {
    const nodes = await openStarted(url(), 3);
    const [a, b, c] = nodes.map(({ bus, nodes: { id } }) => ({ id, bus }));
    if (a === undefined || b === undefined || c === undefined) throw new Error("There are three nodes");
    for (const one of nodes) await until("three nodes", () => one.nodes.alive().length === 3);
    return [a, b, c];
  });
  test(`${kind} knows one node for each HTTP session, until that node releases it`, async () => {
    const [first, last] = await open(url());
    const session = "key/7/abcd efgh:{}";
    expect(await first.sessions.find(session)).toBeNull();
    const claims = [first, last, first].map(({ sessions }) => sessions.claim(session));
    const [holder = "", ...others] = await Promise.all(claims);
    expect(others).toEqual([holder, holder]);
    const [mine, theirs] = holder === first.nodes.id ? [first, last] : [last, first];
    theirs.sessions.release(session);
    expect(await theirs.sessions.find(session)).toBe(holder);
    mine.sessions.release(session);
    await until("the release", async () => (await theirs.sessions.find(session)) === null);
    mine.sessions.renew(session);
    await until("the claim again", async () => (await theirs.sessions.find(session)) === holder);
    const key = mine.link.keys.session(session);
    expect(await mine.link.send(key, ["PTTL", key])).toBeGreaterThan(200_000);
  });
  nodesContract(kind, async () => {
    const [first, second] = await open(url());
    // The clock of Redis cannot be changed, so the test changes the lease.
    const dieWith = async (command: "PERSIST" | "DEL") => {
      const lease = second.link.keys.lease(second.nodes.id);
      second.link.close();
      await first.link.send(lease, [command, lease]);
    };
    return { nodes: [first.nodes, second.nodes], cut: () => dieWith("PERSIST"), kill: () => dieWith("DEL") };
  });
}

test.each([
  ["a member", "presence-room", { userId: "ada", infoJson: null }],
  ["a subscriber", "room", null],
])(
  "%s that returns before its departure is answered is removed when its node dies",
  async (_, channel, member) => {
    const [a, b] = await open(single.url);
    a.broker.listen(new RecordedLine());
    const join = () =>
      a.roster.join(
        { appId: "1", channel, member, membersMax: 10, isCountPublished: false, bounds: null, catchUp: null },
        () => undefined,
      );
    const leave = () =>
      a.roster.leave({ appId: "1", channel, userId: member?.userId ?? null, isCountPublished: false });
    // The order of the two answers varies.
    for (let round = 0; round < 20; round++) {
      await join();
      await Promise.all([leave(), join()]);
      expect((await b.roster.counts("1", channel)).subscriptionCount).toBe(1);
      await b.roster.sweep(a.nodes.id, 10_000);
      expect(await b.roster.counts("1", channel)).toEqual({ subscriptionCount: 0, userCount: 0 });
      await leave();
    }
  },
);

test("a user that returns before its departure is answered is offline when its node dies", async () => {
  const [a, b] = await open(single.url);
  const arrive = () => a.roster.userConnected("1", "ada", false);
  const depart = () => a.roster.userDisconnected("1", "ada", false);
  for (let round = 0; round < 20; round++) {
    await arrive();
    await Promise.all([depart(), arrive()]);
    expect(await b.roster.onlineUsers("1", ["ada"])).toEqual(new Set(["ada"]));
    await b.roster.sweep(a.nodes.id, 10_000);
    expect(await b.roster.onlineUsers("1", ["ada"])).toEqual(new Set());
    await depart();
  }
});

describe("the grace of a node that died", () => {
  const kept = "presence-kept";
  const graceOf = (_: string, channel: string) => (channel === kept ? 15_000 : 0);

  async function enter({ roster }: RedisSuppliers, channel: string, userId: string | null): Promise<void> {
    const member = userId === null ? null : { userId, infoJson: null };
    const rest = { membersMax: 10, isCountPublished: false, bounds: null, catchUp: null };
    await roster.join({ appId: "1", channel, member, ...rest }, () => undefined);
  }

  test("its members stay as long as their grace lasts, and their users stay online", async () => {
    const prefix = freshPrefix();
    const [dead, alive] = [
      await openRedisNode(single.url, prefix, "local", 1_000, "test", graceOf),
      await openRedisNode(single.url, prefix, "local", 1_000, "test", graceOf),
    ];
    opened.push(dead, alive);
    dead.broker.listen(new RecordedLine());
    const line = new RecordedLine();
    alive.broker.listen(line);
    await enter(alive, kept, "watcher");
    for (const userId of ["ada", "eve"]) await enter(dead, kept, userId);
    for (const channel of ["presence-room", "news"])
      await enter(dead, channel, channel === "news" ? null : "ada");
    for (const userId of ["ada", "eve", "bob"]) await dead.roster.userConnected("1", userId, false);
    const changes: object[] = [];
    alive.roster.onChange(({ revision: _, appId: __, ...change }) => changes.push(change));
    await until("both arrivals", () => line.received.length === 3);

    expect(await alive.roster.sweep(dead.nodes.id, 10_000)).toBe(5_000);
    const everything = () =>
      changes
        .map((one) => Object.values(one).join(" "))
        .filter((one) => !one.startsWith("subscription_count"))
        .sort();
    expect(everything()).toEqual([
      "channel_vacated news",
      "channel_vacated presence-room",
      "member_removed presence-room ada",
      "user_offline bob",
    ]);
    expect(await alive.roster.counts("1", kept)).toEqual({ subscriptionCount: 3, userCount: 3 });
    expect(await alive.roster.onlineUsers("1", ["ada", "eve", "bob"])).toEqual(new Set(["ada", "eve"]));

    changes.length = 0;
    await enter(alive, kept, "ada");
    await alive.roster.userConnected("1", "ada", false);
    expect(await alive.roster.sweep(dead.nodes.id, 14_999)).toBe(1);
    expect(changes).toEqual([]);
    expect(await alive.roster.sweep(dead.nodes.id, 15_000)).toBeNull();
    expect(everything()).toEqual([`member_removed ${kept} eve`, "user_offline eve"]);
    const removals = () => line.received.filter(({ what }) => what === "removed");
    await until("the removal", () => removals().length > 0);
    expect(removals()).toMatchObject([{ channel: kept, value: "eve" }]);
    expect(await alive.roster.counts("1", kept)).toEqual({ subscriptionCount: 2, userCount: 2 });
    const index = alive.link.keys.contributions(dead.nodes.id);
    expect(await alive.link.send(index, ["EXISTS", index])).toBe(0);
  });

  test("it is swept again after each grace, by another node if necessary, unless it is back", async () => {
    const [dead, sweeper, heir] = await openStarted(single.url, 3);
    if (dead === undefined || sweeper === undefined || heir === undefined)
      throw new Error("There are three nodes");
    const sweeps: { readonly by: string; readonly goneMs: number }[] = [];
    const asked = [1, 2_500];
    for (const [by, { nodes }] of Object.entries({ sweeper, heir }))
      nodes.onDeparted(async (id, goneMs) => {
        if (id !== dead.nodes.id) return null;
        sweeps.push({ by, goneMs });
        return asked.shift() ?? null;
      });
    for (const one of [dead, sweeper]) await until("three nodes", () => one.nodes.alive().length === 3);
    dead.link.close();
    const lease = heir.link.keys.lease(dead.nodes.id);
    await heir.link.send(lease, ["DEL", lease]);
    await until("the second sweep", () => sweeps.length === 2);
    await until("the list of the departed", () => heir.nodes.departed().length > 0);
    expect(heir.nodes.departed().map(({ id }) => id)).toEqual([dead.nodes.id]);
    const [first, second] = sweeps;
    expect(second?.goneMs).toBeGreaterThan(first?.goneMs ?? Infinity);
    (second?.by === "heir" ? heir : sweeper).link.close();
    await until("the third sweep", () => sweeps.length === 3);
    expect(sweeps[2]?.by).not.toBe(second?.by);

    // The other members wait for their grace again, and the node is back.
    const rest = sweeps[2]?.by === "heir" ? heir : sweeper;
    const { departed } = rest.link.keys;
    const text = (await rest.link.send(departed, ["HGET", departed, dead.nodes.id])) as string;
    await rest.link.send(lease, ["SET", lease, "1"]);
    const waiting = JSON.stringify({ ...JSON.parse(text), sweepAtMs: 1 });
    await rest.link.send(departed, ["HSET", departed, dead.nodes.id, waiting]);
    await until(
      "it is no longer among the departed",
      async () => (await rest.link.send(departed, ["HEXISTS", departed, dead.nodes.id])) === 0,
    );
    expect(sweeps).toHaveLength(3);
  });
});

historyContract(
  "a Redis server",
  async () => {
    const [first, second] = await open(single.url, channelBytesMax);
    const { keys } = first.link;
    /** The stored data of a channel: see redis-scripts.ts. */
    const parts = (channel: string) => ["e", "h"].map((part) => `${keys.channel("1", channel)}:${part}`);
    const remove = async (key: string) => void (await first.link.send(key, ["DEL", key]));
    return {
      nodes: [listening(first), listening(second)],
      pass: async () => {
        const end = Date.now() + shortMs;
        await until("the time to pass", () => Date.now() > end);
      },
      lose: async () => {
        for (const key of ["a", "b"].flatMap(parts)) await remove(key);
      },
      losePart: async (channel, part) => {
        const [position = "", events = ""] = parts(channel);
        if (part === 0) await remove(position);
        else if (part === 1) await remove(events);
        else await first.link.send(events, ["XDEL", events, `${part}-0`]);
      },
    };
  },
  15,
);
