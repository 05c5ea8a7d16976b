import { beforeEach, expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { RefusedLoginCounter, type RefusedLogins } from "./refused-logins.ts";

const periodMs = 600_000;
let clock: FakeClock;
let told: RefusedLogins[];
let refused: RefusedLoginCounter;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  refused = new RefusedLoginCounter(clock, (one) => void told.push(one));
});

const tryFrom = (address: string, target = "person ada@example.com", why = "login_failed") =>
  refused.note({ address, target, why });

test("the first refused login of an address is told at once, the others together with their count", () => {
  for (let tries = 0; tries < 1_000; tries += 1) tryFrom("192.0.2.1", `person ${tries}@example.com`);
  tryFrom("192.0.2.1", "second factor", "wrong_code");
  expect(told).toHaveLength(1);
  clock.advance(periodMs);
  expect(told).toHaveLength(2);
  expect(told[0]).toEqual({
    ...{ address: "192.0.2.1", tries: 1, why: { login_failed: 1 }, targets: ["person 0@example.com"] },
  });
  expect(told[1]).toMatchObject({
    address: "192.0.2.1",
    tries: 1_000,
    why: { login_failed: 999, wrong_code: 1 },
  });
  expect(told[1]?.targets).toHaveLength(10);
});

test("however many addresses try, the lines stay few", () => {
  for (let turn = 0; turn < 3; turn += 1)
    for (let host = 0; host < 5_000; host += 1) tryFrom(`10.0.${host >> 8}.${host & 255}`);
  clock.advance(periodMs);
  expect(told.length).toBeLessThanOrEqual(20 + 21);
  expect(told.reduce((sum, { tries }) => sum + tries, 0)).toBe(15_000);
  expect(told.filter(({ address }) => address === null)).toHaveLength(1);
});

test("a network of IPv6 counts as one address", () => {
  for (let host = 1; host <= 50; host += 1) tryFrom(`2001:db8::${host}`);
  expect(told).toHaveLength(1);
});

test("a later period begins anew, and an end of the server loses nothing", () => {
  tryFrom("192.0.2.1");
  clock.advance(periodMs);
  expect(told).toHaveLength(1);
  tryFrom("192.0.2.1");
  tryFrom("192.0.2.1");
  expect(told).toHaveLength(2);
  refused.flush();
  expect(told.map(({ tries }) => tries)).toEqual([1, 1, 1]);
});
