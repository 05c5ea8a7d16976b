import { expect, test } from "bun:test";
import { publicHostOf } from "./public-host.ts";

test.each([
  ["127.0.0.1", null, null],
  ["127.8.9.1", "::1", null],
  ["localhost", null, null],
  ["::1", null, null],
  ["0.0.0.0", null, "0.0.0.0"],
  ["::", null, "::"],
  ["127.0.0.1", "10.0.0.7", "10.0.0.7"],
  ["127.0.0.1.example.com", null, "127.0.0.1.example.com"],
])("of a server on %s with its metrics on %s other computers may reach %s", (host, metricsHost, expected) => {
  expect(publicHostOf({ host, metricsHost })).toBe(expected);
});
