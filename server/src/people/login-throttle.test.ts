import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import type { Refusal } from "../core/refusal.ts";
import { LoginThrottle } from "./login-throttle.ts";

const owner = "owner@example.com";

function newThrottle() {
  const clock = new FakeClock();
  const throttle = new LoginThrottle(clock);
  const attempt = (address: string | null, account: string | null = owner, device: string | null = null) =>
    throttle.countTry({ address, account, device });
  return { clock, throttle, attempt };
}

/** A network of its own for each number. */
function networkOf(number: number): string {
  return `2001:db8:${(number >> 16).toString(16)}:${(number & 65_535).toString(16)}::1`;
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
  const { attempt } = newThrottle();
  expect(triesUntilRefused(() => attempt("192.0.2.1"))).toBe(10);
});

test("an address guesses thirty times, at however many accounts", () => {
  const { attempt } = newThrottle();
  let account = 0;
  const tries = triesUntilRefused(() => {
    account += 1;
    attempt("192.0.2.1", `${account}@example.com`);
  });
  expect(tries).toBe(30);
});

test("an IPv6 network of /64 is one address, and the next network another", () => {
  const { attempt } = newThrottle();
  let host = 0;
  const tries = triesUntilRefused(() => {
    host += 1;
    attempt(`2001:db8::${host.toString(16)}`);
  });
  expect(tries).toBe(10);
  expect(isRefused(() => attempt("2001:db8:0:1::1"))).toBe(false);
});

test("all addresses together guess a hundred times at an account, then four times a minute", () => {
  const { attempt, clock } = newThrottle();
  let network = 0;
  const fromElsewhere = () => {
    network += 1;
    attempt(networkOf(network));
  };
  expect(triesUntilRefused(fromElsewhere)).toBe(100);
  clock.advance(60_000);
  expect(triesUntilRefused(fromElsewhere)).toBe(4);
  expect(isRefused(() => attempt(networkOf(network), "another@example.com"))).toBe(false);
});

test("strangers who guess at an account do not lock a browser out that was logged in to it", () => {
  const { attempt } = newThrottle();
  for (let network = 0; network < 5_000; network += 1) isRefused(() => attempt(networkOf(network)));
  expect(isRefused(() => attempt("198.51.100.7", owner, "laptop"))).toBe(false);
});

test("who has such a browser's token guesses no more often, from however many addresses", () => {
  const { attempt } = newThrottle();
  let network = 0;
  const tries = triesUntilRefused(() => {
    network += 1;
    attempt(networkOf(network), owner, "laptop");
  });
  expect(tries).toBe(10);
});

test("one address wears no account's limit out, however long it tries", () => {
  const { attempt, clock } = newThrottle();
  for (let minute = 0; minute < 600; minute += 1) {
    for (let tries = 0; tries < 20; tries += 1) isRefused(() => attempt("192.0.2.1"));
    clock.advance(60_000);
  }
  expect(isRefused(() => attempt("198.51.100.7"))).toBe(false);
});

test("however many others try, an address and an account that have to wait still have to", () => {
  const { attempt } = newThrottle();
  const fromOne = () => attempt("192.0.2.1");
  triesUntilRefused(fromOne);
  for (let network = 0; network < 101; network += 1) isRefused(() => attempt(networkOf(network)));
  for (let other = 1_000; other < 31_000; other += 1)
    isRefused(() => attempt(networkOf(other), `${other}@example.com`));
  expect(isRefused(fromOne)).toBe(true);
  expect(isRefused(() => attempt("198.51.100.7"))).toBe(true);
});

test("the wait is told, and after it there is one more try", () => {
  const { attempt, clock } = newThrottle();
  const again = () => attempt("192.0.2.1");
  triesUntilRefused(again);
  expect(again).toThrow("try again in 30 s");
  clock.advance(30_000);
  expect(triesUntilRefused(again)).toBe(1);
});

test("the right password makes earlier mistakes of the address and the browser good, and no other's", () => {
  const { attempt, throttle } = newThrottle();
  const here = () => attempt(null, owner, "laptop");
  const elsewhere = () => attempt("192.0.2.1", owner, "phone");
  for (let tries = 0; tries < 9; tries += 1) {
    here();
    elsewhere();
  }
  throttle.forget({ address: null, account: owner, device: "laptop" });
  expect(triesUntilRefused(here)).toBe(10);
  expect(triesUntilRefused(elsewhere)).toBe(1);
});
