import { expect, spyOn, test } from "bun:test";
import type { Clock } from "../core/ports/clock.ts";
import { Passwords } from "./passwords.ts";

const cheap = { memoryKib: 64, passes: 1 };

const withoutPauses: Clock = {
  now: () => 0,
  after: (_, run) => {
    run();
    return () => undefined;
  },
};

test("a password is stored as Argon2id, and only the same one matches", async () => {
  const passwords = new Passwords(cheap, withoutPauses);
  const hash = await passwords.hash("correct horse battery");
  expect(hash).toStartWith("$argon2id$");
  expect(await passwords.verify("correct horse battery", hash, false)).toBe(true);
  expect(await passwords.verify("correct horse batterY", hash, false)).toBe(false);
});

test("without an account no password matches, after as much work as with one", async () => {
  const passwords = new Passwords(cheap, withoutPauses);
  const hash = await passwords.hash("correct horse battery");
  const verify = spyOn(Bun.password, "verify");
  expect(await passwords.verify("correct horse battery", null, false)).toBe(false);
  const decoy = String(verify.mock.calls[0]?.[1]);
  expect(await verify.mock.results[0]?.value).toBe(false);
  verify.mockRestore();
  const shape = (text: string) => text.split("$").map((part) => (part.includes("=") ? part : part.length));
  expect(shape(decoy)).toEqual(shape(hash));
});

test("waiting strangers neither block nor delay those with priority", async () => {
  const passwords = new Passwords(cheap, withoutPauses);
  const hash = await passwords.hash("correct horse");
  const order: string[] = [];
  const ask = async (who: string, isUrgent: boolean) => {
    await passwords.verify("correct horse", hash, isUrgent);
    order.push(who);
  };
  const strangers = Array.from({ length: 60 }, () => ask("stranger", false));
  await Promise.allSettled([...strangers, ask("owner", true)]);
  expect(order).toHaveLength(52);
  expect(order.indexOf("owner")).toBeLessThan(6);
});

test("requests beyond the queue are refused, and earlier ones are served", async () => {
  const passwords = new Passwords(cheap, withoutPauses);
  const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash("correct horse")));
  const refused = all.filter(({ status }) => status === "rejected");
  expect(refused.length).toBe(9);
  expect(refused[0]).toMatchObject({ reason: { code: "too_many_attempts" } });
  expect(await passwords.hash("and then again")).toStartWith("$argon2id$");
});

test("after each hash the next one waits as long as that one took", async () => {
  const pauses: { delayMs: number; end: () => void }[] = [];
  let nowMs = 0;
  const passwords = new Passwords(cheap, {
    now: () => (nowMs += 160),
    after: (delayMs, end) => {
      pauses.push({ delayMs, end });
      return () => undefined;
    },
  });
  await passwords.hash("first");
  let isDone = false;
  const second = passwords.hash("second").then(() => {
    isDone = true;
  });
  await Bun.password.hash("as much work", { algorithm: "argon2id", memoryCost: 64, timeCost: 1 });
  expect([isDone, pauses.map(({ delayMs }) => delayMs)]).toEqual([false, [160]]);
  pauses[0]?.end();
  await second;
});
