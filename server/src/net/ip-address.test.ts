import { expect, test } from "bun:test";
import { AddressRanges, holderOf, isLoopback, isPrivate } from "./ip-address.ts";

test("a range contains its addresses, an address only itself, and neither contains other texts", () => {
  const ranges = new AddressRanges(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]);
  expect(["10.255.0.1", "192.0.2.1", "2001:db8:1::1"].map((one) => ranges.has(one))).toEqual([
    true,
    true,
    true,
  ]);
  expect(["11.0.0.1", "192.0.2.2", "2001:db9::1", "", "x"].map((one) => ranges.has(one))).toEqual(
    Array(5).fill(false),
  );
});

test("an invalid range is refused with its text", () => {
  expect(() => new AddressRanges(["example.com"])).toThrow('"example.com" is not an address or a range');
});

test.each([
  ["127.0.0.1", true, true],
  ["::1", true, true],
  ["::ffff:127.0.0.1", true, true],
  ["10.1.2.3", false, true],
  ["172.17.0.1", false, true],
  ["100.64.0.1", false, true],
  ["fd00::1", false, true],
  ["fe80::1", false, true],
  ["::ffff:192.168.0.1", false, true],
  ["203.0.113.9", false, false],
  ["172.32.0.1", false, false],
  ["2001:db8::1", false, false],
  ["", false, false],
])("%p is loopback: %p, private: %p", (address, loopback, isOfNetwork) => {
  expect([isLoopback(address), isPrivate(address)]).toEqual([loopback, isOfNetwork]);
});

test("an IPv6 address counts as its /64 network, and an IPv4 address as itself", () => {
  expect(holderOf("2001:db8::1")).toBe(holderOf("2001:db8::ffff:1"));
  expect(holderOf("2001:db8::1")).not.toBe(holderOf("2001:db8:0:1::1"));
  expect(holderOf("203.0.113.9")).toBe("203.0.113.9");
});
