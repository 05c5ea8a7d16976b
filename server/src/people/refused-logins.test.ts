import { beforeEach, expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { RefusedLoginCounter, type RefusedLogins } from "./refused-logins.ts";

const periodMs = 300_000;
const ada = "person ada@example.com";
let clock: FakeClock;
let reported: RefusedLogins[];
let refused: RefusedLoginCounter;

beforeEach(() => {
  clock = new FakeClock();
  reported = [];
  refused = new RefusedLoginCounter(clock, (one) => void reported.push(one));
});

const tryFrom = (address: string, target = ada, why = "login_failed") =>
  refused.record({ address, target, why });

test("an address's attempts at an account are one entry, with their count, first and last time", () => {
  const firstAtMs = clock.now();
  for (let tries = 0; tries < 10; tries += 1) tryFrom("192.0.2.1");
  clock.advance(60_000);
  for (let tries = 0; tries < 990; tries += 1) tryFrom("192.0.2.1", ada, "too_many_attempts");
  tryFrom("192.0.2.1", "person bob@example.com");
  expect(reported).toEqual([]);
  clock.advance(periodMs - 60_000);
  const why = { login_failed: 10, too_many_attempts: 990 };
  const lastAtMs = firstAtMs + 60_000;
  expect(reported).toEqual([
    { address: "192.0.2.1", target: ada, tries: 1_000, why, firstAtMs, lastAtMs },
    {
      address: "192.0.2.1",
      target: "person bob@example.com",
      tries: 1,
      why: { login_failed: 1 },
      firstAtMs: lastAtMs,
      lastAtMs,
    },
  ]);
});

test("any number of addresses and accounts creates few entries", () => {
  for (let turn = 0; turn < 3; turn += 1)
    for (let host = 0; host < 5_000; host += 1)
      tryFrom(`10.0.${host >> 8}.${host & 255}`, `person ${host}@example.com`);
  clock.advance(periodMs);
  expect(reported).toHaveLength(41);
  expect(reported.reduce((sum, { tries }) => sum + tries, 0)).toBe(15_000);
  expect(reported.filter(({ address }) => address === null)).toHaveLength(1);
});

test("an IPv6 network counts as one address", () => {
  for (let host = 1; host <= 50; host += 1) tryFrom(`2001:db8::${host}`);
  refused.flush();
  expect(reported.map(({ tries }) => tries)).toEqual([50]);
});

test("a later period starts at zero, and a stop of the server reports the remaining counts", () => {
  tryFrom("192.0.2.1");
  clock.advance(periodMs);
  clock.advance(periodMs);
  tryFrom("192.0.2.1");
  tryFrom("192.0.2.1");
  expect(reported).toHaveLength(1);
  refused.flush();
  expect(reported.map(({ tries }) => tries)).toEqual([1, 2]);
  clock.advance(periodMs);
  expect(reported).toHaveLength(2);
});
