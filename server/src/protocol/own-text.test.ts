import { expect, test } from "bun:test";
import { memberText } from "./json-text.ts";
import { ownText } from "./own-text.ts";

const mebibyte = 1_048_576;

/** Mebibytes that stay in use for what is kept of 100 texts of a mebibyte each. */
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

test("what is cut from a long text and kept does not keep the long text", () => {
  expect(keptMebibytes((text) => ownText(text.slice(-20)))).toBeLessThan(50);
  expect(keptMebibytes((text) => memberText(text, "data"))).toBeLessThan(50);
});

test("the text is the same", () => {
  for (const text of ["", "abc", "é€😀"]) expect(ownText(text)).toBe(text);
});
