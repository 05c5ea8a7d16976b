import { expect, test } from "bun:test";
import { headText, parseHead } from "./audit-head.ts";

test("a head is read as it was written, and nothing else is one", () => {
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
