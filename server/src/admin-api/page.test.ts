import { expect, test } from "bun:test";
import { type KeyedPage, keyedPage, mergePages, thatFit } from "./page.ts";

const limit = 3;

/** All entries of some nodes, page by page, as a client reads them. */
function readAll(nodes: readonly (readonly string[])[], textOf = (key: string) => key): string[][] {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const request = { limit, cursor };
    const parts = nodes.map((keys): KeyedPage<string> => keyedPage(keys, (key) => key, textOf, request));
    const { items, nextCursor, total } = mergePages(parts, request);
    expect(total).toBe(nodes.flat().length);
    pages.push(items);
    if (nextCursor === null) return pages;
    cursor = nextCursor;
  }
}

test("pages of several nodes form one ordered list without gaps and repeats", () => {
  expect(readAll([["a", "d", "e", "h"], ["b", "c", "f", "g"], []])).toEqual([
    ["a", "b", "c"],
    ["d", "e", "f"],
    ["g", "h"],
  ]);
  expect(readAll([["c", "a", "b"]])).toEqual([["a", "b", "c"]]);
  expect(readAll([[], []])).toEqual([[]]);
});

test("the page ends at the last entry of a node whose entries do not fit into one answer", () => {
  const large = (key: string) => key.repeat(500_000);
  const pages = readAll(
    [
      ["a", "d", "e"],
      ["b", "c"],
    ],
    large,
  );
  expect(pages.flat().map((text) => text[0])).toEqual(["a", "b", "c", "d", "e"]);
});

test("a part is limited by its characters, and contains at least one entry", () => {
  const texts = Array.from({ length: 10 }, () => "x".repeat(100_000));
  expect(thatFit(texts)).toHaveLength(7);
  expect(thatFit(["x".repeat(2_000_000), "y"])).toHaveLength(1);
});
