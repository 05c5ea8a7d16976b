import { expect, test } from "bun:test";
import { RecordedLine } from "../../test/support/fakes/recorded-line.ts";
import type { RedisChanges } from "./redis-changes.ts";
import { RedisKeys } from "./redis-keys.ts";
import type { RedisLink } from "./redis-link.ts";
import { RedisUsers } from "./redis-users.ts";

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
