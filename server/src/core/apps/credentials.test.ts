import { expect, test } from "bun:test";
import { warningOf } from "./credentials.ts";

test("a secret of fewer than 16 characters causes a warning", () => {
  expect(warningOf("x".repeat(15))).toContain("The secret has 15 characters");
  expect(warningOf("x".repeat(16))).toBeNull();
});
