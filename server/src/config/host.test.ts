import { expect, test } from "bun:test";
import { hostInUrl, hostSchema, loopbackFor } from "./host.ts";

test.each([
  ["127.0.0.1", "127.0.0.1"],
  [" 127.0.0.1\t", "127.0.0.1"],
  ["::1", "::1"],
  ["[::1]", "::1"],
  [" [fd00::1] ", "fd00::1"],
  ["localhost", "localhost"],
  ["ws.example.com.", "ws.example.com."],
])("the host %j is taken as %s", (given, host) => {
  expect(hostSchema.parse(given)).toBe(host);
});

test.each([
  "",
  "   ",
  "local host",
  "fe80::1%eth0",
  "[fe80::1%25eth0]",
  "::1:x",
  "localhost:6001",
  "http://a",
  "a..b",
])("the host %j is refused", (given) => {
  expect(hostSchema.safeParse(given).success).toBe(false);
});

test.each([
  ["0.0.0.0", "127.0.0.1"],
  ["0", "127.0.0.1"],
  ["::", "::1"],
  ["0:0:0:0:0:0:0:0", "::1"],
  ["::1", null],
  ["localhost", null],
] as const)("a server on %s is reached at %s", (host, loopback) => {
  expect(loopbackFor(host)).toBe(loopback);
});

test("only an IPv6 address needs brackets in a URL", () => {
  expect(["::1", "127.0.0.1", "localhost"].map(hostInUrl)).toEqual(["[::1]", "127.0.0.1", "localhost"]);
});
