import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import type { Refusal } from "../core/refusal.ts";
import { LoginThrottle } from "./login-throttle.ts";

const owner = "owner@example.com";

function newThrottle() {
  const clock = new FakeClock();
  return { clock, throttle: new LoginThrottle(clock) };
}

function isRefused(attempt: () => void): boolean {
  try {
    attempt();
    return false;
  } catch (error) {
    expect((error as Refusal).code).toBe("too_many_attempts");
    return true;
  }
}

function triesUntilRefused(attempt: () => void): number {
  for (let tries = 0; tries < 1_000; tries += 1) if (isRefused(attempt)) return tries;
  return Number.POSITIVE_INFINITY;
}

test("an address guesses ten times at an account", () => {
  const { throttle } = newThrottle();
  expect(triesUntilRefused(() => throttle.countTry("192.0.2.1", owner))).toBe(10);
});

test("an address guesses thirty times, at however many accounts", () => {
  const { throttle } = newThrottle();
  let account = 0;
  const tries = triesUntilRefused(() => {
    account += 1;
    throttle.countTry("192.0.2.1", `${account}@example.com`);
  });
  expect(tries).toBe(30);
});

test("an IPv6 network of /64 is one address, and the next network another", () => {
  const { throttle } = newThrottle();
  let host = 0;
  const tries = triesUntilRefused(() => {
    host += 1;
    throttle.countTry(`2001:db8::${host.toString(16)}`, owner);
  });
  expect(tries).toBe(10);
  expect(isRefused(() => throttle.countTry("2001:db8:0:1::1", owner))).toBe(false);
});

test("strangers who guess at an account do not lock its owner out", () => {
  const { throttle } = newThrottle();
  for (let network = 0; network < 500; network += 1)
    for (let tries = 0; tries < 12; tries += 1)
      isRefused(() => throttle.countTry(`2001:db8:0:${network.toString(16)}::1`, owner));
  expect(isRefused(() => throttle.countTry("198.51.100.7", owner))).toBe(false);
});

test("however many others try, whoever has to wait still has to", () => {
  const { throttle } = newThrottle();
  const attempt = () => throttle.countTry("192.0.2.1", owner);
  triesUntilRefused(attempt);
  for (let other = 0; other < 200_000; other += 1)
    isRefused(() => throttle.countTry(`10.${other >> 16}.${(other >> 8) & 255}.${other & 255}`, `${other}`));
  expect(isRefused(attempt)).toBe(true);
});

test("the wait is told, and after it there is one more try", () => {
  const { throttle, clock } = newThrottle();
  const attempt = () => throttle.countTry("192.0.2.1", owner);
  triesUntilRefused(attempt);
  expect(attempt).toThrow("try again in 30 s");
  clock.advance(30_000);
  expect(triesUntilRefused(attempt)).toBe(1);
});

test("the right password makes the address's earlier mistakes at the account good, and no other's", () => {
  const { throttle } = newThrottle();
  const attempt = () => throttle.countTry(null, owner);
  const elsewhere = () => throttle.countTry("192.0.2.1", owner);
  for (let tries = 0; tries < 9; tries += 1) {
    attempt();
    elsewhere();
  }
  throttle.forget(null, owner);
  expect(triesUntilRefused(attempt)).toBe(10);
  expect(triesUntilRefused(elsewhere)).toBe(1);
});

test("refused tries are counted", () => {
  const { throttle } = newThrottle();
  triesUntilRefused(() => throttle.countTry("192.0.2.1", owner));
  isRefused(() => throttle.countTry("192.0.2.1", owner));
  expect(throttle.refusedCount).toBe(2);
});
