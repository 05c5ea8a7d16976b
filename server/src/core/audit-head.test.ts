import { expect, test } from "bun:test";
import { headText, parseHead } from "./audit-head.ts";

test("a head is parsed as it was written, and any other text is refused", () => {
  const head = { sequence: 120, hash: "9f".repeat(32) };
  expect(parseHead(headText(head))).toEqual(head);
  for (const text of [
    "",
    "120:",
    "120:9f",
    `x:${head.hash}`,
    `120:${head.hash}0`,
    headText({ sequence: 0, hash: "" }),
  ])
    expect(parseHead(text)).toBeNull();
});
