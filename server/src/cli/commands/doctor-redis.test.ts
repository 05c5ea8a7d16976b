import { afterEach, expect, test } from "bun:test";
import { startRedis, startRedisCluster } from "../../../test/support/services/redis.ts";
import { loadConfig } from "../../config/load-config.ts";
import { checks } from "./doctor-checks.ts";
import { problemsOf, type RedisState, readRedis } from "./doctor-redis.ts";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(...args: string[]) {
  const redis = await startRedis(...args);
  cleanups.push(() => redis.remove());
  return redis;
}

async function look(redisUrl?: string) {
  const env = redisUrl === undefined ? {} : { SOKETIFY_REDIS_URL: redisUrl };
  const machine = { env, descriptorsMax: 1_024, memoryBytes: 2 ** 30 };
  return checks.redis?.(loadConfig({ flags: {}, machine, folder: "/" }).config);
}

const good: RedisState = {
  product: "Redis",
  version: "7.2.4",
  compatibleVersion: "7.2.4",
  evictionPolicy: "noeviction",
  usedBytes: 1_000,
  bytesMax: 0,
  clockOffsetMs: -3,
  roundTripMs: 0.2,
};

test.each<[Partial<RedisState>, string]>([
  [{ version: "6.2.1", compatibleVersion: "6.2.1" }, "Redis 6.2.1 lacks sharded pub/sub"],
  [{ evictionPolicy: "allkeys-lru" }, "the eviction policy allkeys-lru"],
  [{ usedBytes: 95, bytesMax: 100 }, "95 % of its memory limit"],
  [{ clockOffsetMs: -61_000 }, "differs by -61000 ms"],
  [{ roundTripMs: 40.31 }, "a round trip takes 40.3 ms"],
])("%j is a problem", (change, detail) => {
  expect(problemsOf({ ...good, ...change })).toEqual([
    { detail: expect.stringContaining(detail), fix: expect.stringMatching(/\.$/) },
  ]);
});

test("a recent, near Redis or Valkey that evicts nothing has no problem", () => {
  expect(problemsOf(good)).toEqual([]);
  const valkey = { product: "Valkey", version: "8.1.0", compatibleVersion: "7.2.4" };
  expect(problemsOf({ ...good, ...valkey, usedBytes: 50, bytesMax: 100 })).toEqual([]);
});

test("a real Redis reports its version, its clock and its eviction policy", async () => {
  const redis = await start("--maxmemory", "200mb");
  const [state] = await readRedis(redis.url);
  expect(state).toMatchObject({ evictionPolicy: "noeviction", bytesMax: 200 * 2 ** 20 });
  expect(state?.version).toMatch(/^\d+\.\d+/);
  expect(Math.abs(state?.clockOffsetMs ?? Number.NaN)).toBeLessThan(60_000);
  expect(await look(redis.url)).toMatchObject({
    isWell: true,
    detail: expect.stringContaining("round trip"),
  });
});

test("the check of a real server names the problem and the solution", async () => {
  const evicting = await start("--maxmemory-policy", "volatile-lru");
  expect(await look(evicting.url)).toMatchObject({
    isWell: false,
    detail: expect.stringContaining("eviction policy volatile-lru"),
    fix: expect.stringContaining("maxmemory-policy"),
  });
  const replica = await start("--replicaof", "127.0.0.1", String(evicting.port));
  await expect(look(replica.url)).rejects.toThrow("is a slave, not a master");
  const wrong = evicting.url.replace("redis://", "redis://:secret-word@");
  const error = (await look(wrong)?.catch((one: unknown) => one)) as Error;
  expect(error.message).toContain("AUTH");
  expect(error.message).not.toContain("secret-word");
});

test("each master of a Redis Cluster is checked", async () => {
  const cluster = await startRedisCluster();
  cleanups.push(() => cluster.remove());
  expect(await readRedis(cluster.url)).toHaveLength(3);
});

test("a single node needs no Redis", async () => {
  expect(await look()).toEqual({ isWell: true, detail: "none: this node is alone" });
});
