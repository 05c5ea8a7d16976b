/** A node with a different database than the other nodes stops as soon as it detects this. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { TcpProxy } from "../support/net/tcp-proxy.ts";
import { startRedis } from "../support/services/redis.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";
import { until } from "../support/until.ts";

const reason = "The nodes on this Redis have another database or another master key.";
let redis: Awaited<ReturnType<typeof startRedis>>;
let link: TcpProxy;
let servers: RunningServer[] = [];

beforeEach(async () => {
  redis = await startRedis();
  link = await TcpProxy.open([redis.port]);
  servers = [await startServer({ env: environment() })];
});
afterEach(async () => {
  for (const server of servers) await server.remove();
  await link.close();
  await redis.remove();
});

function environment() {
  return { SOKETIFY_REDIS_URL: `redis://127.0.0.1:${link.port}`, SOKETIFY_LOG_FORMAT: "json" };
}

test("if Redis is reachable at the start, the start is refused with the reason", async () => {
  await expect(startServer({ env: environment() })).rejects.toThrow(`Soketify could not start: ${reason}`);
  expect(servers[0]?.isRunning).toBe(true);
});

test("if Redis becomes reachable later, the node stops with the reason and a failure exit code", async () => {
  link.targets = [];
  const stranger = await startServer({ env: environment() });
  servers.push(stranger);
  link.targets = [redis.port];
  await until("the stranger's end", () => !stranger.isRunning);
  expect(stranger.log).toContain(reason);
  expect((await stranger.stop()).code).toBe(1);
  expect(servers[0]?.isRunning).toBe(true);
});

test("nodes of one cluster keep running if Redis becomes that of another installation", async () => {
  const [server] = servers;
  const readiness = async () => (await fetch(`${server?.httpUrl}/health/ready`)).json();
  const key = "soketify:installation";
  await Bun.$`redis-cli -p ${redis.port} set ${key} another`.quiet();
  link.cut();
  await until("the reason in the readiness", async () =>
    JSON.stringify(await readiness()).includes("another database"),
  );
  await Bun.$`redis-cli -p ${redis.port} del ${key}`.quiet();
  await until("the node to be back", async () => !JSON.stringify(await readiness()).includes("Redis"));
});
