import { expect, test } from "bun:test";
import { backendEventPattern, isBackendEventName } from "./event-name.ts";

test.each([
  ["order-paid", true],
  ["pusher", true],
  ["client", true],
  ["my-client-event", true],
  ["pusher:error", false],
  ["pusher_internal:member_added", false],
  ["client-typing", false],
])("a backend may publish %s: %p", (name, expected) => {
  expect(isBackendEventName(name)).toBe(expected);
  expect(new RegExp(backendEventPattern).test(name)).toBe(expected);
});
