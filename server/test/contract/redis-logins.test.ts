/** A user of Redis that may only use the names with the prefix of its installation, on each kind of server. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import type { ClusterMessage } from "../../src/core/ports/cluster-message.ts";
import { nodeReport } from "../support/fakes/node-health.ts";
import { RecordedLine } from "../support/fakes/recorded-line.ts";
import { freePort } from "../support/net/free-port.ts";
import { openRedisNode } from "../support/redis-nodes.ts";
import { startRedis, startSentinel } from "../support/services/redis.ts";
import { until } from "../support/until.ts";

type Server = Awaited<ReturnType<typeof startRedis>>;

const [user, password] = ["soketify", "of-this-user"];
const login = `${user}:${password}@`;
const prefixes = ["one:", "two:", "three:"];
const appId = "1";
const presence = "presence-room";
const bounds = { eventsMax: 10, ageMsMax: 60_000 };
let single: Server;
let ofCluster: Server;
let sentinel: Awaited<ReturnType<typeof startSentinel>>;
let opened: RedisSuppliers[] = [];

beforeAll(async () => {
  const clusterPort = String(await freePort());
  [single, ofCluster] = await Promise.all([
    startRedis(),
    startRedis("--cluster-enabled", "yes", "--cluster-port", clusterPort),
  ]);
  await Bun.$`redis-cli -p ${ofCluster.port} cluster addslotsrange 0 16383`.quiet();
  await until("the cluster", async () =>
    (await Bun.$`redis-cli -p ${ofCluster.port} cluster info`.text()).includes("cluster_state:ok"),
  );
  const names = prefixes.flatMap((prefix) => [`~${prefix}*`, `&${prefix}*`]);
  for (const { port } of [single, ofCluster]) {
    await Bun.$`redis-cli -p ${port} acl setuser ${user} on ${`>${password}`} ${names} +@all`.quiet();
    await Bun.$`redis-cli -p ${port} acl setuser default off`.quiet();
  }
  sentinel = await startSentinel(
    single.port,
    `sentinel auth-user main ${user}`,
    `sentinel auth-pass main ${password}`,
    `user ${user} on >${password} +@all`,
    "user default off",
  );
});
afterEach(async () => {
  for (const { nodes } of opened) await nodes.stop();
  for (const { link } of opened) link.close();
  opened = [];
});
afterAll(async () => {
  for (const server of [single, ofCluster, sentinel]) await server?.remove();
});

/** A node that has entered the cluster with this prefix, and what it receives. */
async function open(url: string, prefix: string) {
  const node = await openRedisNode(url, prefix, "local", 1_000_000, prefix);
  opened.push(node);
  const line = new RecordedLine();
  const messages: ClusterMessage[] = [];
  const texts: string[] = [];
  node.broker.listen(line);
  node.bus.onMessage((message) => messages.push(message));
  node.bus.listen("live 1", (text) => texts.push(text) > 0);
  await node.nodes.start(() => ({ ...nodeReport(prefix), connections: new Map([[appId, 7]]) }));
  return { ...node, line, messages, texts };
}

type Node = Awaited<ReturnType<typeof open>>;

async function enter({ roster }: Node, channel: string, userId: string): Promise<void> {
  const member = { userId, infoJson: null };
  const rest = { membersMax: 10, isCountPublished: true, bounds, catchUp: null };
  await roster.join({ appId, channel, member, ...rest }, () => undefined);
  await roster.userConnected(appId, userId, true);
}

async function publish({ broker }: Node, frame: string, kept: typeof bounds | null): Promise<void> {
  await broker.publish(appId, presence, { frame, exceptSocketId: null, userId: null }, kept);
}

/** Uses everything that a node has in Redis, under names that any installation may use. */
async function use(node: Node, userId: string): Promise<void> {
  await enter(node, presence, userId);
  await publish(node, userId, bounds);
  await publish(node, userId, null);
  expect(await node.claims.take("app 1", { burst: 1, perSecond: 0.001 })).toBe(0);
  expect(await node.claims.once(appId, "key", 60_000, async () => userId)).toBe(userId);
  expect(await node.sessions.claim("key/7/abcdefgh")).toBe(node.nodes.id);
  node.bus.broadcast({ type: "terminate-user", appId, userId });
  node.bus.send("live 1", userId);
}

test.each([
  ["one server, in one of its databases", () => `redis://${login}127.0.0.1:${single.port}/3`, 3],
  [
    "a master that a Sentinel reports to the same user",
    () => `redis://${login}127.0.0.1:${sentinel.port}?master=main`,
    0,
  ],
  ["a Redis Cluster", () => `redis://${login}127.0.0.1:${ofCluster.port}?cluster=true`, 0],
])(
  "nodes share everything as a user with a password and the names of one prefix, on %s",
  async (_, url, database) => {
    const [a, b] = [await open(url(), "one:"), await open(url(), "one:")];
    const client = String(await a.link.send("one:", ["CLIENT", "INFO"]));
    expect(client).toContain(` db=${database} `);
    expect(client).toContain(` user=${user} `);
    for (const { nodes } of [a, b]) await until("two nodes", () => nodes.alive().length === 2);
    await enter(b, presence, "bob");
    await use(a, "ada");
    await until("both events on the other node", () => b.line.frames(presence).length === 2);
    await until("the message and the text", () => b.messages.length === 1 && b.texts.length === 1);
    expect(await b.roster.counts(appId, presence)).toEqual({ subscriptionCount: 2, userCount: 2 });
    expect(await b.roster.onlineUsers(appId, ["ada", "bob"])).toEqual(new Set(["ada", "bob"]));
    expect(
      (await b.broker.history(appId, presence, bounds, { direction: "backwards", from: null, limit: 9 }))
        .events,
    ).toHaveLength(1);
    expect(await b.claims.take("app 1", { burst: 1, perSecond: 0.001 })).toBeGreaterThan(0);
    expect(await b.claims.once(appId, "key", 60_000, async () => "bob")).toBe("ada");
    expect(await b.sessions.find("key/7/abcdefgh")).toBe(a.nodes.id);
    expect(b.nodes.connectionsElsewhere(appId)).toBe(7);
  },
);

test("installations with different prefixes on one Redis share nothing", async () => {
  const url = `redis://${login}127.0.0.1:${single.port}`;
  const [one, other] = [await open(url, "two:"), await open(url, "three:")];
  const both = [
    [one, "ada"],
    [other, "bob"],
  ] as const;
  for (const [node, userId] of both) await use(node, userId);
  // Each receives what the other one sent before this, if anything.
  for (const [node] of both) await publish(node, "last", null);
  for (const [node, userId] of both) {
    await until("the last event", () => node.line.frames(presence).includes("last"));
    expect(node.line.frames(presence)).toEqual([userId, userId, "last"]);
    expect(await node.roster.counts(appId, presence)).toEqual({ subscriptionCount: 1, userCount: 1 });
    expect(await node.roster.onlineUsers(appId, ["ada", "bob"])).toEqual(new Set([userId]));
    expect([node.messages, node.nodes.alive().length]).toEqual([[], 1]);
    expect(node.texts).toEqual([userId]);
  }
});
