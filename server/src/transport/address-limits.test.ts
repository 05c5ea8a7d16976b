import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { AddressLimits } from "./address-limits.ts";

function limitsOf(connectionsMax: number, handshakesPerSecondMax: number, clock = new FakeClock()) {
  const isShared = (address: string) => address === "10.0.0.1";
  return new AddressLimits(clock, { connectionsMax, handshakesPerSecondMax, isShared });
}

test("an address may have so many connections at once, each address for itself", () => {
  const limits = limitsOf(2, 0);
  for (let opened = 0; opened < 2; opened++) limits.opened("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).toBe("Too many connections from 192.0.2.1: at most 2 at once");
  expect(limits.refusal("192.0.2.2")).toBeNull();
  limits.closed("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).toBeNull();
});

test("more goodbyes than connections earn nothing", () => {
  const limits = limitsOf(1, 0);
  for (let closed = 0; closed < 3; closed++) limits.closed("192.0.2.1");
  limits.opened("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).not.toBeNull();
});

test("an address may try so many handshakes a second, and again when time has passed", () => {
  const clock = new FakeClock();
  const limits = limitsOf(0, 2, clock);
  const answers = () => [1, 2, 3].map(() => limits.refusal("192.0.2.1"));
  const refused = "Too many handshakes from 192.0.2.1: at most 2 a second";
  expect(answers()).toEqual([null, null, refused]);
  expect(limits.refusal("192.0.2.2")).toBeNull();
  clock.advance(500);
  expect(answers()).toEqual([null, refused, refused]);
});

test("where both limits are 0 there is none", () => {
  const limits = limitsOf(0, 0);
  for (let opened = 0; opened < 1_000; opened++) limits.opened("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).toBeNull();
});

test.each([
  ["2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1:3:3:4:5:6"],
  ["2001:db8::3:4:5:6:7", "2001:db8:0:3::", "2001:db8::"],
  ["2001:db8:1::5", "2001:db8:1:0:9::", "2001:db8::5"],
])("%s and %s count as one address, %s does not", (one, neighbour, stranger) => {
  const limits = limitsOf(1, 0);
  limits.opened(one);
  expect(limits.refusal(neighbour)).toMatch(/^Too many connections from 2001:.*::\/64: at most 1 at once$/);
  expect(limits.refusal(stranger)).toBeNull();
  limits.closed(neighbour);
  expect(limits.refusal(one)).toBeNull();
});

test("an address that many clients share may have any number of connections, and as many handshakes as others", () => {
  const limits = limitsOf(1, 2);
  for (let opened = 0; opened < 3; opened++) limits.opened("10.0.0.1");
  expect([1, 2, 3].map(() => limits.refusal("10.0.0.1"))).toEqual([
    null,
    null,
    "Too many handshakes from 10.0.0.1: at most 2 a second",
  ]);
});
