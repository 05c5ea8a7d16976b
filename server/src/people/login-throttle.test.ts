import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import type { Refusal } from "../core/refusal.ts";
import { LoginThrottle } from "./login-throttle.ts";

const owner = "owner@example.com";

function newThrottle() {
  const clock = new FakeClock();
  const throttle = new LoginThrottle(clock, "secret", null);
  const attempt = (address: string | null, account: string | null = owner, device: string | null = null) =>
    throttle.countTry({ address, account, device });
  return { clock, throttle, attempt };
}

/** A different network for each number. */
function networkOf(number: number): string {
  return `2001:db8:${(number >> 16).toString(16)}:${(number & 65_535).toString(16)}::1`;
}

async function isRefused(attempt: () => Promise<void>): Promise<boolean> {
  try {
    await attempt();
    return false;
  } catch (error) {
    expect((error as Refusal).code).toBe("too_many_attempts");
    return true;
  }
}

async function triesUntilRefused(attempt: () => Promise<void>): Promise<number> {
  for (let tries = 0; tries < 1_000; tries += 1) if (await isRefused(attempt)) return tries;
  return Number.POSITIVE_INFINITY;
}

test("an address has ten attempts at an account", async () => {
  const { attempt } = newThrottle();
  expect(await triesUntilRefused(() => attempt("192.0.2.1"))).toBe(10);
});

test("an address has thirty attempts, at any number of accounts", async () => {
  const { attempt } = newThrottle();
  let account = 0;
  const tries = await triesUntilRefused(() => {
    account += 1;
    return attempt("192.0.2.1", `${account}@example.com`);
  });
  expect(tries).toBe(30);
});

test("an IPv6 network of /64 counts as one address, and the next network as another", async () => {
  const { attempt } = newThrottle();
  let host = 0;
  const tries = await triesUntilRefused(() => {
    host += 1;
    return attempt(`2001:db8::${host.toString(16)}`);
  });
  expect(tries).toBe(10);
  expect(await isRefused(() => attempt("2001:db8:0:1::1"))).toBe(false);
});

test("all addresses together have a hundred attempts at an account, then four a minute", async () => {
  const { attempt, clock } = newThrottle();
  let network = 0;
  const fromElsewhere = () => {
    network += 1;
    return attempt(networkOf(network));
  };
  expect(await triesUntilRefused(fromElsewhere)).toBe(100);
  clock.advance(60_000);
  expect(await triesUntilRefused(fromElsewhere)).toBe(4);
  expect(await isRefused(() => attempt(networkOf(network), "another@example.com"))).toBe(false);
});

test("attempts of strangers do not lock out a browser that was logged in to the account", async () => {
  const { attempt } = newThrottle();
  for (let network = 0; network < 5_000; network += 1) await isRefused(() => attempt(networkOf(network)));
  expect(await isRefused(() => attempt("198.51.100.7", owner, "laptop"))).toBe(false);
});

test("the token of such a browser allows no more attempts, from any number of addresses", async () => {
  const { attempt } = newThrottle();
  let network = 0;
  const tries = await triesUntilRefused(() => {
    network += 1;
    return attempt(networkOf(network), owner, "laptop");
  });
  expect(tries).toBe(10);
});

test("one address cannot exhaust an account's limit", async () => {
  const { attempt, clock } = newThrottle();
  for (let minute = 0; minute < 600; minute += 1) {
    for (let tries = 0; tries < 20; tries += 1) await isRefused(() => attempt("192.0.2.1"));
    clock.advance(60_000);
  }
  expect(await isRefused(() => attempt("198.51.100.7"))).toBe(false);
});

test("attempts of others do not end the wait of an address or an account", async () => {
  const { attempt } = newThrottle();
  const fromOne = () => attempt("192.0.2.1");
  await triesUntilRefused(fromOne);
  for (let network = 0; network < 101; network += 1) await isRefused(() => attempt(networkOf(network)));
  for (let other = 1_000; other < 31_000; other += 1)
    await isRefused(() => attempt(networkOf(other), `${other}@example.com`));
  expect(await isRefused(fromOne)).toBe(true);
  expect(await isRefused(() => attempt("198.51.100.7"))).toBe(true);
});

test("the refusal contains the time to wait, and after it there is one more attempt", async () => {
  const { attempt, clock } = newThrottle();
  const again = () => attempt("192.0.2.1");
  await triesUntilRefused(again);
  await expect(again()).rejects.toThrow("try again in 30 s");
  clock.advance(30_000);
  expect(await triesUntilRefused(again)).toBe(1);
});

test("a correct password resets the attempts of its address and browser only", async () => {
  const { attempt, throttle } = newThrottle();
  const here = () => attempt(null, owner, "laptop");
  const elsewhere = () => attempt("192.0.2.1", owner, "phone");
  for (let tries = 0; tries < 9; tries += 1) {
    await here();
    await elsewhere();
  }
  await throttle.forget({ address: null, account: owner, device: "laptop" });
  expect(await triesUntilRefused(here)).toBe(10);
  expect(await triesUntilRefused(elsewhere)).toBe(1);
});
