import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { globMatches } from "./glob.ts";

describe("patterns", () => {
  test.each([
    ["news", "news", true],
    ["news", "news2", false],
    ["*", "", true],
    ["*", "anything", true],
    ["private-*", "private-a", true],
    ["private-*", "private-", true],
    ["private-*", "presence-a", false],
    ["*-chat-*", "room-chat-7", true],
    ["*-chat-*", "room-chat", false],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXbYbZ", false],
  ])("%s and %s: %p", (pattern, name, expected) => {
    expect(globMatches(pattern, name)).toBe(expected);
  });

  test("a pattern matches like the regular expression with .* for each *", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    const names = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
    fc.assert(
      fc.property(letters, names, (pattern, name) => {
        expect(globMatches(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
      }),
      { numRuns: 2_000 },
    );
  });

  test("a pattern with many stars is matched quickly", () => {
    expect(globMatches("*a".repeat(100), "a".repeat(99))).toBe(false);
  });
});
