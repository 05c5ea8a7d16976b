import { expect, test } from "bun:test";
import { causePattern } from "./cause-pattern.ts";

test.each([
  ["private-user-17", "private-user-*"],
  ["presence-room.a1b2c3d4e5f6", "presence-room.*"],
  ["orders", "orders"],
  ["private-9f1c3a52-0b7e-4f6d-9a65-1d2e3f405162", "private-*"],
  ["deadbeef-cafe", "deadbeef-cafe"],
  [
    "Timestamp expired: Given timestamp (2025-12-31T23:50:00Z) not within 600s of server time (2026-01-01T00:00:00Z)",
    "Timestamp expired: Given timestamp (*) not within *s of server time (*)",
  ],
  ['Channel "a" has no "b"', "Channel * has no *"],
])("the pattern of %s is %s", (text, pattern) => {
  expect(causePattern(text)).toBe(pattern);
});
