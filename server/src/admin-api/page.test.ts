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

test("pages of several nodes are one list in order, without a gap and without a repeat", () => {
  expect(readAll([["a", "d", "e", "h"], ["b", "c", "f", "g"], []])).toEqual([
    ["a", "b", "c"],
    ["d", "e", "f"],
    ["g", "h"],
  ]);
  expect(readAll([["c", "a", "b"]])).toEqual([["a", "b", "c"]]);
  expect(readAll([[], []])).toEqual([[]]);
});

test("a node whose entries do not fit into one answer ends the page where its answer ends", () => {
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

test("what fits is cut by its characters, and is never nothing", () => {
  const texts = Array.from({ length: 10 }, () => "x".repeat(100_000));
  expect(thatFit(texts)).toHaveLength(7);
  expect(thatFit(["x".repeat(2_000_000), "y"])).toHaveLength(1);
});
