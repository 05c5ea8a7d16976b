import { expect, test } from "bun:test";
import { RecordedLine } from "../../test/support/fakes/recorded-line.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import { RedisChanges } from "./redis-changes.ts";
import { RedisKeys } from "./redis-keys.ts";
import type { OnUp, RedisLink } from "./redis-link.ts";
import { RedisUsers } from "./redis-users.ts";

/** A Redis whose answers the test gives. It has the nodes and the listed users. */
class SlowRedis {
  readonly nodeId = "here";
  readonly keys = new RedisKeys("t:");
  readonly isConnected = true;
  isOnline = false;
  readonly listed = new Set<string>();
  readonly ups: OnUp[] = [];
  readonly #answers: ((isLost: boolean) => void)[] = [];

  onUp(listener: OnUp): void {
    this.ups.push(listener);
  }

  async send(_: string, [command, , entry = ""]: readonly string[]): Promise<unknown> {
    if (command === "SADD") this.listed.add(entry);
    if (command === "SREM") this.listed.delete(entry);
    return null;
  }

  async run(script: string, _: string, [, isHere]: readonly string[]): Promise<unknown> {
    if (script !== "user") return "";
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#answers.push((isLost) =>
      isLost ? reject(new EngineUnreachable("Redis is unreachable")) : resolve(),
    );
    this.isOnline = isHere === "1";
    await promise;
    return "";
  }

  /** @param index of the command among those without an answer */
  async answer(isLost = false, index = 0): Promise<void> {
    for (const answer of this.#answers.splice(index, 1)) answer(isLost);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function open() {
  const redis = new SlowRedis();
  const link = redis as unknown as RedisLink;
  const users = new RedisUsers(link, new RedisChanges(link), () => new RecordedLine());
  return {
    redis,
    users,
    connect: () => void users.connected("1", "ada", true),
    disconnect: () => void users.disconnected("1", "ada", true),
  };
}

test("a user who comes back while Redis is slow goes offline with the last connection", async () => {
  const { redis, connect, disconnect } = open();
  for (const step of [connect, disconnect, connect, disconnect]) step();
  for (let answers = 0; answers < 2; answers++) await redis.answer();
  connect();
  for (let answers = 0; answers < 3; answers++) await redis.answer();
  expect([redis.isOnline, redis.listed.size]).toEqual([true, 1]);
  disconnect();
  await redis.answer();
  expect([redis.isOnline, redis.listed.size]).toEqual([false, 0]);
});

test("a user whose departure was lost with the link is entered again as gone", async () => {
  const { redis, users, connect, disconnect } = open();
  connect();
  disconnect();
  await redis.answer();
  await redis.answer(true);
  redis.isOnline = true;
  const entered = users.enterAgain();
  await redis.answer();
  await entered;
  expect([redis.isOnline, redis.listed.size]).toEqual([false, 0]);
});

test("a user who left is forgotten, although a lost link refuses the earlier calls only after the next link is up", async () => {
  const { redis, users, connect, disconnect } = open();
  connect();
  disconnect();
  const entered = users.enterAgain();
  await redis.answer(false, 2);
  await entered;
  expect([redis.isOnline, redis.listed.size]).toEqual([false, 0]);
  for (let answers = 0; answers < 2; answers++) await redis.answer(true);
  connect();
  expect([redis.isOnline, redis.listed.size]).toEqual([true, 1]);
});

test("a state that is read for watchers who left is not sent to those who came since", async () => {
  const answers: ((isOnline: boolean) => void)[] = [];
  const link = {
    keys: new RedisKeys("t:"),
    follow: async () => undefined,
    unfollow: () => undefined,
    run: () => new Promise((resolve) => void answers.push((isOnline) => resolve([isOnline ? 1 : 0, "1"]))),
  } as unknown as RedisLink;
  const line = new RecordedLine();
  const users = new RedisUsers(link, {} as RedisChanges, () => line);
  /** Waits until the state of a user is read. Returns the function that answers. */
  const nextRead = async () => {
    for (;;) {
      const answer = answers.shift();
      if (answer !== undefined) return answer;
      await Promise.resolve();
    }
  };
  const watch = async (isOnline: boolean) => {
    const watching = users.watch("1", ["ada"]);
    (await nextRead())(isOnline);
    await watching;
  };
  await watch(false);
  const reconnect = users.enterAgain();
  const answerLate = await nextRead();
  users.unwatch("1", ["ada"]);
  await watch(true);
  line.received.length = 0;
  answerLate(true);
  await reconnect;
  expect(line.received).toEqual([]);
  expect(users.isOnline("1", "ada")).toBe(true);
});
