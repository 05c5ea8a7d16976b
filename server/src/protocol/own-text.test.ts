import { expect, test } from "bun:test";
import { memberText } from "./json-text.ts";
import { ownText } from "./own-text.ts";

const mebibyte = 1_048_576;

/** The memory in MiB that stays in use after a part of each of 100 texts of 1 MiB is stored. */
function keptMebibytes(keep: (text: string) => string | null): number {
  Bun.gc(true);
  const beforeBytes = process.memoryUsage.rss();
  const kept = Array.from({ length: 100 }, (_, index) =>
    keep(JSON.stringify({ a: "x".repeat(mebibyte), data: { index, word: "y".repeat(20) } })),
  );
  Bun.gc(true);
  expect(kept).toHaveLength(100);
  return (process.memoryUsage.rss() - beforeBytes) / mebibyte;
}

test("a stored part of a long text does not keep the long text in memory", () => {
  expect(keptMebibytes((text) => ownText(text.slice(-20)))).toBeLessThan(50);
  expect(keptMebibytes((text) => memberText(text, "data"))).toBeLessThan(50);
});

test("the copy equals the text", () => {
  for (const text of ["", "abc", "é€😀"]) expect(ownText(text)).toBe(text);
});
