/** The login limits of two nodes on one Redis share their counts; while Redis is unreachable each node counts separately. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { systemClock } from "../../src/composition/system-clock.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { LoginThrottle } from "../../src/people/login-throttle.ts";
import { freshPrefix, openRedisNode } from "../support/redis-nodes.ts";
import { startRedis } from "../support/services/redis.ts";

const source = { address: "192.0.2.1", account: "owner@example.com", device: null };

let redis: Awaited<ReturnType<typeof startRedis>>;
let nodes: { readonly throttle: LoginThrottle; readonly disconnect: () => void }[];

beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(async () => {
  const prefix = freshPrefix();
  const opened = await Promise.all([openRedisNode(redis.url, prefix), openRedisNode(redis.url, prefix)]);
  nodes = opened.map(({ claims, link }) => ({
    throttle: new LoginThrottle(systemClock, "secret", claims),
    disconnect: () => link.close(),
  }));
});
afterEach(() => {
  for (const { disconnect } of nodes) disconnect();
});
afterAll(() => redis?.remove());

async function isAllowed(index: number): Promise<boolean> {
  try {
    await nodes[index]?.throttle.countTry(source);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === "too_many_attempts") return false;
    throw error;
  }
}

/** The number of allowed attempts out of 40, sent to the nodes in turn. */
async function allowedOf40(...at: readonly number[]): Promise<number> {
  let allowed = 0;
  for (let attempt = 0; attempt < 40; attempt += 1)
    if (await isAllowed(at[attempt % at.length] ?? 0)) allowed += 1;
  return allowed;
}

test("an address has ten attempts at an account on both nodes together", async () => {
  expect(await allowedOf40(0, 1)).toBe(10);
});

test("a correct password on one node resets the attempts on the other", async () => {
  for (let attempt = 0; attempt < 9; attempt += 1) await isAllowed(0);
  await nodes[1]?.throttle.forget(source);
  expect(await allowedOf40(0, 1)).toBe(10);
});

test("without Redis a node counts its own attempts", async () => {
  await allowedOf40(0, 1);
  nodes[0]?.disconnect();
  expect(await allowedOf40(0)).toBe(10);
  expect(await isAllowed(1)).toBe(false);
});
