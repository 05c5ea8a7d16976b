import { estimateShallowMemoryUsageOf } from "bun:jsc";
import { expect, test } from "bun:test";
import { bytesInMemory } from "./bytes-in-memory.ts";

const headerBytesMax = 40;

test.each([
  ["ASCII", "a".repeat(4_000)],
  ["Latin-1", "é".repeat(4_000)],
  ["ASCII and one character above U+00FF", `${"a".repeat(4_000)}ж`],
  ["three bytes a character in UTF-8", "漢".repeat(4_000)],
  ["surrogate pairs", "😀".repeat(4_000)],
])("the cost of a text that was decoded from UTF-8 is its size in memory: %s", (_, text) => {
  const decoded = Buffer.from(text).toString();
  const taken = estimateShallowMemoryUsageOf(decoded) - bytesInMemory(decoded);
  expect(taken).toBeGreaterThanOrEqual(0);
  expect(taken).toBeLessThanOrEqual(headerBytesMax);
});
