/** What a node says to the others while it cannot reach Redis. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ClusterMessage } from "../../src/core/ports/cluster-message.ts";
import { freshPrefix, openRedisNode } from "../support/redis-nodes.ts";
import { startRedis } from "../support/services/redis.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
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

test("messages of a node that cannot reach Redis arrive when it can again, in their order", async () => {
  const prefix = freshPrefix();
  const hearing = await openRedisNode(redis.url, prefix);
  const speaking = await openRedisNode(`redis://127.0.0.1:${proxy.port}`, prefix);
  const heard: ClusterMessage[] = [];
  hearing.bus.onMessage((message) => heard.push(message));
  proxy.targets = [];
  proxy.cut();
  await until("the link to break", () => !speaking.link.isUp);
  const said = ["s1", "s2"].map((secretId) => ({
    ...{ type: "close-distrusted" as const, appId: "1", secretId },
  }));
  for (const message of said) speaking.bus.broadcast(message);
  proxy.targets = [redis.port];
  await until("both messages", () => heard.length === said.length);
  expect(heard).toEqual(said);
  for (const { link } of [hearing, speaking]) link.close();
});
