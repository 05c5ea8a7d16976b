import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { StartupTasks } from "./startup-tasks.ts";

test("a failed step is retried, and the steps before it are not", async () => {
  const clock = new FakeClock();
  const done: string[] = [];
  const failures: unknown[] = [];
  let isUnreachable = true;
  const tasks = new StartupTasks(
    clock,
    [
      async () => void done.push("app"),
      async () => {
        if (isUnreachable) throw new Error("away");
        done.push("owner");
      },
      async () => void done.push("webhooks"),
    ],
    (error) => failures.push(error),
  );

  tasks.runSoon();
  await expect(tasks.run()).rejects.toThrow("away");
  expect({ done, failures: failures.length }).toEqual({ done: ["app"], failures: 1 });
  isUnreachable = false;
  clock.advance(5_000);
  await tasks.run();
  expect(done).toEqual(["app", "owner", "webhooks"]);
  await tasks.run();
  expect(done).toHaveLength(3);
});

test("a step that fails after the stop is not retried", async () => {
  const clock = new FakeClock();
  const away = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<void>();
  let tries = 0;
  const step = () => {
    tries += 1;
    return away.promise;
  };
  const tasks = new StartupTasks(clock, [step], () => failed.resolve());

  tasks.runSoon();
  tasks.stop();
  away.reject(new Error("away"));
  await failed.promise;
  clock.advance(5_000);
  expect(tries).toBe(1);
});
