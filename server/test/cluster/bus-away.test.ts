/** Messages between nodes while one of them cannot reach Redis. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { RedisClient } from "bun";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import { systemClock } from "../../src/composition/system-clock.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { ClusterMessage } from "../../src/core/ports/cluster-message.ts";
import { TcpProxy } from "../support/net/tcp-proxy.ts";
import { freshPrefix, openRedisNode } from "../support/redis-nodes.ts";
import { startRedis } from "../support/services/redis.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);

let redis: Awaited<ReturnType<typeof startRedis>>;
let proxy: TcpProxy;

beforeAll(async () => {
  redis = await startRedis();
  proxy = await TcpProxy.open([redis.port]);
});
afterAll(async () => {
  await proxy?.close();
  await redis?.remove();
});

async function cutOff({ link }: RedisSuppliers): Promise<void> {
  proxy.targets = [];
  proxy.cut();
  await until("the link to break", () => !link.isUp);
}

function closeDistrusted(...secretIds: readonly string[]): readonly ClusterMessage[] {
  return secretIds.map((secretId) => ({ type: "close-distrusted", appId: "1", secretId }));
}

test("messages of a node without Redis arrive when it reconnects, in their order", async () => {
  const prefix = freshPrefix();
  const receiving = await openRedisNode(redis.url, prefix);
  const sending = await openRedisNode(`redis://127.0.0.1:${proxy.port}`, prefix);
  const received: ClusterMessage[] = [];
  receiving.bus.onMessage((message) => received.push(message));
  await cutOff(sending);
  const messages = closeDistrusted("s1", "s2");
  for (const message of messages) sending.bus.broadcast(message);
  proxy.targets = [redis.port];
  await until("both messages", () => received.length === messages.length);
  expect(received).toEqual([...messages]);
  for (const { link } of [receiving, sending]) link.close();
});

test("a node that was cut off receives the missed messages, once each and in their order", async () => {
  const prefix = freshPrefix();
  const receiving = await openRedisNode(`redis://127.0.0.1:${proxy.port}`, prefix);
  const sending = await openRedisNode(redis.url, prefix);
  const received: ClusterMessage[] = [];
  receiving.bus.onMessage((message) => received.push(message));
  const messages = closeDistrusted(...Array.from({ length: 60 }, (_, index) => `s${index}`));
  const broadcast = (from: number, to: number) => {
    for (const message of messages.slice(from, to)) sending.bus.broadcast(message);
  };
  broadcast(0, 20);
  await until("the messages before", () => received.length === 20);
  await cutOff(receiving);
  broadcast(20, 40);
  await until("Redis to have them", async () => {
    const { bus } = sending.link.keys;
    return (await sending.link.send(bus, ["XLEN", bus])) === 40;
  });
  proxy.targets = [redis.port];
  broadcast(40, 50);
  await until("the link to be back", () => receiving.link.isUp);
  broadcast(50, 60);
  await until("all messages", () => received.length >= messages.length);
  expect(received).toEqual([...messages]);
  for (const { link } of [receiving, sending]) link.close();
});

test("a node that starts while Redis is unreachable receives the messages sent in the meantime", async () => {
  const prefix = freshPrefix();
  const sending = await openRedisNode(redis.url, prefix);
  proxy.targets = [];
  const late = await openRedisNode(`redis://127.0.0.1:${proxy.port}`, prefix);
  const received: ClusterMessage[] = [];
  late.bus.onMessage((message) => received.push(message));
  const [message] = closeDistrusted("s1");
  if (message === undefined) throw new Error("There is a message");
  sending.bus.broadcast(message);
  proxy.targets = [redis.port];
  await until("the message", () => received.length === 1);
  for (const { link } of [late, sending]) link.close();
});

/** A node whose clock is ahead of the others'. */
function openWithClock(url: string, prefix: string, clock: Clock): Promise<RedisSuppliers> {
  return openRedisNode(url, prefix, "local", 1_000_000, "test", () => 0, clock);
}

test("a message that Redis stored arrives with the time of its sending, by the clock of the receiving node", async () => {
  const prefix = freshPrefix();
  const sending = await openRedisNode(redis.url, prefix);
  const aheadMs = 86_400_000;
  const ahead = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const messages = closeDistrusted("stored", "live");
  const { bus } = sending.link.keys;
  const client = new RedisClient(redis.url);
  const sentAtMs = systemClock.now() - 1_800_000;
  const envelope = { v: 1, from: "another", kind: "message", message: messages[0], waitedMs: 60_000 };
  await client.send("XADD", [bus, `${sentAtMs + 60_000}-0`, "m", JSON.stringify(envelope)]);
  client.close();
  const received: { readonly message: ClusterMessage; readonly sentAtMs: number }[] = [];
  const startedAtMs = ahead.now();
  proxy.targets = [];
  const late = await openWithClock(`redis://127.0.0.1:${proxy.port}`, prefix, ahead);
  late.bus.onMessage((message, atMs) => received.push({ message, sentAtMs: atMs }));
  proxy.targets = [redis.port];
  await until("the stored message", () => received.length === 1);
  for (const message of messages.slice(1)) sending.bus.broadcast(message);
  await until("both messages", () => received.length === 2);
  const [stored, live] = received;
  expect(received.map(({ message }) => message)).toEqual([...messages]);
  expect(stored?.sentAtMs).toBeWithin(sentAtMs + aheadMs - 1_000, startedAtMs - 1_000_000);
  expect(live?.sentAtMs).toBeGreaterThanOrEqual(startedAtMs);
  for (const { link } of [sending, late]) link.close();
});

test("a message that waited for Redis on its node arrives with the time of its sending", async () => {
  const prefix = freshPrefix();
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const receiving = await openRedisNode(redis.url, prefix);
  const sending = await openWithClock(`redis://127.0.0.1:${proxy.port}`, prefix, clock);
  const received: number[] = [];
  receiving.bus.onMessage((_, sentAtMs) => received.push(sentAtMs));
  await cutOff(sending);
  const [message] = closeDistrusted("s1");
  if (message === undefined) throw new Error("There is a message");
  sending.bus.broadcast(message);
  const broadcastAtMs = systemClock.now();
  aheadMs = 600_000;
  proxy.targets = [redis.port];
  await until("the message", () => received.length === 1);
  expect(received[0]).toBeLessThan(broadcastAtMs - 500_000);
  for (const { link } of [receiving, sending]) link.close();
});
