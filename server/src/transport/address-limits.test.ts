import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { AddressLimits } from "./address-limits.ts";

function limitsOf(connectionsMax: number, handshakesPerSecondMax: number, clock = new FakeClock()) {
  const isShared = (address: string) => address === "10.0.0.1";
  return new AddressLimits(clock, { connectionsMax, handshakesPerSecondMax, isShared });
}

test("each address has its own limit of connections", () => {
  const limits = limitsOf(2, 0);
  for (let opened = 0; opened < 2; opened++) limits.opened("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).toBe("Too many connections from 192.0.2.1: at most 2 at once");
  expect(limits.refusal("192.0.2.2")).toBeNull();
  limits.closed("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).toBeNull();
});

test("closing more connections than were opened does not raise the limit", () => {
  const limits = limitsOf(1, 0);
  for (let closed = 0; closed < 3; closed++) limits.closed("192.0.2.1");
  limits.opened("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).not.toBeNull();
});

test("an address has a limit of handshakes per second, which refills over time", () => {
  const clock = new FakeClock();
  const limits = limitsOf(0, 2, clock);
  const answers = () => [1, 2, 3].map(() => limits.refusal("192.0.2.1"));
  const refused = "Too many handshakes from 192.0.2.1: at most 2 per second";
  expect(answers()).toEqual([null, null, refused]);
  expect(limits.refusal("192.0.2.2")).toBeNull();
  clock.advance(500);
  expect(answers()).toEqual([null, refused, refused]);
});

test("a limit of 0 is no limit", () => {
  const limits = limitsOf(0, 0);
  for (let opened = 0; opened < 1_000; opened++) limits.opened("192.0.2.1");
  expect(limits.refusal("192.0.2.1")).toBeNull();
});

test.each([
  ["2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1:3:3:4:5:6"],
  ["2001:db8::3:4:5:6:7", "2001:db8:0:3::", "2001:db8::"],
  ["2001:db8:1::5", "2001:db8:1:0:9::", "2001:db8::5"],
])("%s and %s count as one address, %s as another", (one, neighbour, stranger) => {
  const limits = limitsOf(1, 0);
  limits.opened(one);
  expect(limits.refusal(neighbour)).toMatch(/^Too many connections from 2001:.*::\/64: at most 1 at once$/);
  expect(limits.refusal(stranger)).toBeNull();
  limits.closed(neighbour);
  expect(limits.refusal(one)).toBeNull();
});

test("a shared address has no limit of connections, but the same limit of handshakes", () => {
  const limits = limitsOf(1, 2);
  for (let opened = 0; opened < 3; opened++) limits.opened("10.0.0.1");
  expect([1, 2, 3].map(() => limits.refusal("10.0.0.1"))).toEqual([
    null,
    null,
    "Too many handshakes from 10.0.0.1: at most 2 per second",
  ]);
});
