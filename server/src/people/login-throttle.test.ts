import { expect, test } from "bun:test";
import type { Refusal } from "../core/refusal.ts";
import { LoginThrottle } from "./login-throttle.ts";

let now = 0;
const clock = { now: () => now, after: () => () => undefined };

function triesUntilRefused(attempt: () => void): number {
  for (let tries = 0; tries < 1_000; tries += 1) {
    try {
      attempt();
    } catch (error) {
      expect((error as Refusal).code).toBe("too_many_attempts");
      return tries;
    }
  }
  return Number.POSITIVE_INFINITY;
}

test("an account is guessed at ten times, from however many addresses", () => {
  const throttle = new LoginThrottle(clock);
  let host = 0;
  const tries = triesUntilRefused(() => {
    host += 1;
    throttle.mustBeCalm(`192.0.2.${host}`, "owner@example.com");
  });
  expect(tries).toBe(10);
});

test("an address guesses thirty times, at however many accounts", () => {
  const throttle = new LoginThrottle(clock);
  let account = 0;
  const tries = triesUntilRefused(() => {
    account += 1;
    throttle.mustBeCalm("192.0.2.1", `${account}@example.com`);
  });
  expect(tries).toBe(30);
});

test("the wait is told, and after it there is one more try", () => {
  const throttle = new LoginThrottle(clock);
  const attempt = () => throttle.mustBeCalm("192.0.2.1", "owner@example.com");
  triesUntilRefused(attempt);
  expect(attempt).toThrow("try again in 30 s");
  now += 30_000;
  expect(triesUntilRefused(attempt)).toBe(1);
});

test("the right password forgives the account's earlier mistakes", () => {
  const throttle = new LoginThrottle(clock);
  const attempt = () => throttle.mustBeCalm(null, "owner@example.com");
  for (let tries = 0; tries < 9; tries += 1) attempt();
  throttle.forgive("owner@example.com");
  expect(triesUntilRefused(attempt)).toBe(10);
});
